/** Which of the two standard streams. */
export type OutputStream = "stdout" | "stderr";

/** A rich result that a guest showed, such as an image. */
export interface Display {
  /** A media type, such as "text/html". At most 255 characters. */
  readonly mime: string;
  /** Text as the guest gave it, bytes if it gave bytes. */
  readonly data: string | Uint8Array;
}

/**
 * Where a guest's standard output goes: counted, cut at the limit, kept for the result and streamed to a callback.
 * Implementations copy the bytes: a codec may pass a view of guest memory.
 */
export interface OutputSink {
  /** Takes all bytes, keeps what the limit allows, drops and counts the rest. Never throws for what the guest wrote. */
  write(stream: OutputStream, bytes: Uint8Array): void;
}

/** Where a guest's rich results go, within the same limit as its output. */
export interface DisplaySink {
  /** Takes it whole, or drops and counts it. Never throws for what the guest showed. */
  display(display: Display): void;
}
