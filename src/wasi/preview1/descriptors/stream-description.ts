import type { InputSource } from "../../../capabilities/environment.ts";
import type { FileResult, FileStat } from "../../../capabilities/files/file-system.ts";
import type { OutputSink, OutputStream } from "../../../capabilities/output.ts";
import type { Random } from "../../../capabilities/random.ts";
import { BaseDescription, streamStat } from "../description.ts";
import type { DescriptionState } from "../description.ts";

/** Standard input. */
export class InputDescription extends BaseDescription {
  readonly kind = "device";
  readonly access = { read: true, write: false, append: false };
  readonly #input: () => InputSource;

  /** `input` is asked at every read: each run has its own. */
  constructor(input: () => InputSource) {
    super();
    this.#input = input;
  }

  override read(into: Uint8Array): FileResult<number> {
    return this.#input().read(into);
  }

  override stat(): FileResult<FileStat> {
    return streamStat(false);
  }

  override capture(): DescriptionState {
    return { kind: "input" };
  }
}

/** Standard output or standard error. */
export class OutputDescription extends BaseDescription {
  readonly kind = "device";
  readonly access = { read: false, write: true, append: false };
  readonly #sink: OutputSink;
  readonly #stream: OutputStream;

  constructor(sink: OutputSink, stream: OutputStream) {
    super();
    this.#sink = sink;
    this.#stream = stream;
  }

  override write(from: Uint8Array): FileResult<number> {
    this.#sink.write(this.#stream, from);
    return from.length;
  }

  override stat(): FileResult<FileStat> {
    return streamStat(true);
  }

  override capture(): DescriptionState {
    return { kind: "output", stream: this.#stream };
  }
}

/** `/dev/null`. */
export class NullDescription extends BaseDescription {
  readonly kind = "device";
  readonly access = { read: true, write: true, append: false };

  override read(): FileResult<number> {
    return 0;
  }

  override write(from: Uint8Array): FileResult<number> {
    return from.length;
  }

  override stat(): FileResult<FileStat> {
    return streamStat(true);
  }

  override capture(): DescriptionState {
    return { kind: "null" };
  }
}

/** `/dev/urandom`, fed by the sandbox's own source. */
export class RandomDescription extends BaseDescription {
  readonly kind = "device";
  readonly access = { read: true, write: false, append: false };
  readonly #random: Random;

  constructor(random: Random) {
    super();
    this.#random = random;
  }

  override read(into: Uint8Array): FileResult<number> {
    this.#random.fill(into);
    return into.length;
  }

  override stat(): FileResult<FileStat> {
    return streamStat(false);
  }

  override capture(): DescriptionState {
    return { kind: "random" };
  }
}
