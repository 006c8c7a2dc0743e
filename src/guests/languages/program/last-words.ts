import type { OutputSink } from "../../../capabilities/output.ts";

/** Bytes that are kept: some screens. */
const KEPT_BYTES = 16_384;

/** The end of what a program wrote to standard error, for one that breaks without another word. */
export class LastWords {
  readonly #sink: OutputSink;
  #kept: Uint8Array = new Uint8Array(0);

  constructor(sink: OutputSink) {
    this.#sink = sink;
  }

  /** The sink, with an ear to it. */
  readonly output: OutputSink = {
    write: (stream, bytes) => {
      if (stream === "stderr") this.#keep(bytes);
      this.#sink.write(stream, bytes);
    },
  };

  get text(): string {
    return new TextDecoder().decode(this.#kept);
  }

  #keep(bytes: Uint8Array): void {
    const part = bytes.subarray(Math.max(0, bytes.length - KEPT_BYTES));
    const before = this.#kept.subarray(Math.max(0, this.#kept.length + part.length - KEPT_BYTES));
    const kept = new Uint8Array(before.length + part.length);
    kept.set(before);
    kept.set(part, before.length);
    this.#kept = kept;
  }
}
