import type { Display, DisplaySink, OutputSink, OutputStream } from "../output.ts";
import { KeptBytes } from "./kept-bytes.ts";
import { decode, OutputListener } from "./output-listener.ts";
import type { OnOutput } from "./output-listener.ts";
import { incompleteTail } from "./utf8-tail.ts";

export interface OutputSinkOptions {
  /** Bytes of both streams together that are kept and streamed; what comes after is dropped and counted. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Called inside the run. What it throws is kept for {@link RecordingOutputSink.takeCallbackError}, and it is not called again. */
  readonly onOutput?: OnOutput;
}

/** An output sink that keeps what was written until `reset`. */
export interface RecordingOutputSink extends OutputSink, DisplaySink {
  /** Decoded as UTF-8, with U+FFFD for what is not; a character that the limit cut is left out. */
  text(stream: OutputStream): string;
  bytes(stream: OutputStream): Uint8Array;
  /** Bytes kept of both streams. */
  readonly keptBytes: number;
  /** Bytes that the guest wrote, dropped ones included. */
  readonly writtenBytes: number;
  dropped(stream: OutputStream): number;
  /** Whether anything was dropped. */
  readonly truncated: boolean;
  readonly displays: readonly Display[];
  /** Bytes of displays that were dropped, whole displays. */
  readonly droppedDisplays: number;
  /** Streams what is left: of an unfinished character, and what waits for the callback. Call it at the end of a run. */
  flush(): void;
  /** Resolves when the callback has taken all that there is; undefined if it has already. */
  drained(): Promise<void> | undefined;
  /** The first thing that the callback threw (or rejected with), once; undefined if nothing. */
  takeCallbackError(): { readonly error: unknown } | undefined;
  /** Empty again, for the next run; `maxBytes` tightens the limit for that run. */
  reset(options?: { readonly maxBytes?: number }): void;
}

const DEFAULT_MAX_BYTES = 2 ** 20;

/** What a display counts beside its content. */
const DISPLAY_BYTES = 64;

/**
 * Makes the place where a guest's standard output goes.
 *
 * @throws RangeError if `maxBytes` is not an integer from 0 to 2 ** 30
 */
export function createOutputSink(options: OutputSinkOptions = {}): RecordingOutputSink {
  return new BoundedOutputSink(checkMaxBytes(options.maxBytes ?? DEFAULT_MAX_BYTES), options.onOutput);
}

class BoundedOutputSink implements RecordingOutputSink {
  readonly #configuredMax: number;
  readonly #listener: OutputListener | undefined;
  readonly #streams: Readonly<Record<OutputStream, StreamState>> = {
    stdout: new StreamState(),
    stderr: new StreamState(),
  };
  #max: number;
  #displays: Display[] = [];
  #displayBytes = 0;
  droppedDisplays = 0;

  constructor(maxBytes: number, onOutput: OnOutput | undefined) {
    this.#configuredMax = maxBytes;
    this.#max = maxBytes;
    this.#listener = onOutput === undefined ? undefined : new OutputListener(onOutput);
  }

  get keptBytes(): number {
    return this.#streams.stdout.kept.length + this.#streams.stderr.kept.length;
  }

  get writtenBytes(): number {
    return this.keptBytes + this.dropped("stdout") + this.dropped("stderr");
  }

  get truncated(): boolean {
    return this.dropped("stdout") > 0 || this.dropped("stderr") > 0;
  }

  write(stream: OutputStream, bytes: Uint8Array): void {
    const state = this.#streams[stream];
    const room = this.#max - this.keptBytes - this.#displayBytes;
    const taken = bytes.length <= room ? bytes : bytes.subarray(0, room);
    state.dropped += bytes.length - taken.length;
    if (taken.length === 0) return;
    state.kept.append(taken);
    this.#listener?.deliver(stream, state.nextPiece(taken));
  }

  get displays(): readonly Display[] {
    return this.#displays;
  }

  display(display: Display): void {
    const { mime, data } = display;
    // Text at its largest, which saves encoding it; each counts something, so that there cannot be millions of empty ones.
    const size = DISPLAY_BYTES + mime.length + (typeof data === "string" ? data.length * 3 : data.length);
    if (size > this.#max - this.keptBytes - this.#displayBytes) {
      this.droppedDisplays += size;
      return;
    }
    this.#displayBytes += size;
    this.#displays.push(display);
  }

  drained(): Promise<void> | undefined {
    return this.#listener?.drained();
  }

  text(stream: OutputStream): string {
    const bytes = this.#streams[stream].kept.bytes();
    const cut = this.dropped(stream) > 0 ? incompleteTail(bytes) : 0;
    return decode(bytes.subarray(0, bytes.length - cut));
  }

  bytes(stream: OutputStream): Uint8Array {
    return this.#streams[stream].kept.bytes();
  }

  dropped(stream: OutputStream): number {
    return this.#streams[stream].dropped;
  }

  flush(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const state = this.#streams[stream];
      const rest = state.takeTail();
      // What the limit cut is left out, as in `text`.
      if (state.dropped === 0) this.#listener?.deliver(stream, rest);
    }
    this.#listener?.finish();
  }

  takeCallbackError(): { readonly error: unknown } | undefined {
    return this.#listener?.takeFailure();
  }

  reset(options: { readonly maxBytes?: number } = {}): void {
    this.#max = Math.min(this.#configuredMax, checkMaxBytes(options.maxBytes ?? this.#configuredMax));
    this.#listener?.reset();
    this.#displays = [];
    this.#displayBytes = 0;
    this.droppedDisplays = 0;
    for (const state of [this.#streams.stdout, this.#streams.stderr]) state.clear();
  }
}

class StreamState {
  readonly kept: KeptBytes = new KeptBytes();
  dropped = 0;
  /** The start of a character whose other bytes have not come yet. */
  #tail = new Uint8Array(0);

  /** A copy of what can be streamed now: what was held back, and `bytes` up to the last whole character. */
  nextPiece(bytes: Uint8Array): Uint8Array {
    const joined = new Uint8Array(this.#tail.length + bytes.length);
    joined.set(this.#tail);
    joined.set(bytes, this.#tail.length);
    const end = joined.length - incompleteTail(joined);
    this.#tail = joined.slice(end);
    return joined.subarray(0, end);
  }

  takeTail(): Uint8Array {
    const tail = this.#tail;
    this.#tail = new Uint8Array(0);
    return tail;
  }

  clear(): void {
    this.kept.clear();
    this.dropped = 0;
    this.#tail = new Uint8Array(0);
  }
}

function checkMaxBytes(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 2 ** 30) {
    throw new RangeError(`Cannot make an output sink: "maxBytes" must be an integer from 0 to ${2 ** 30}`);
  }
  return value;
}
