/** Which of the two standard streams. */
export type OutputStream = "stdout" | "stderr";

/**
 * Where a guest's standard output goes: counted, cut at the limit, kept for the result and streamed to a callback.
 * Implementations copy the bytes: a codec may pass a view of guest memory.
 */
export interface OutputSink {
  /** Takes all bytes, keeps what the limit allows, drops and counts the rest. Never throws for what the guest wrote. */
  write(stream: OutputStream, bytes: Uint8Array): void;
}
