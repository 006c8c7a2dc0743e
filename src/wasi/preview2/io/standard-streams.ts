import type { FileResult } from "../../../capabilities/files/file-system.ts";
import type { OutputStream as StreamName } from "../../../capabilities/output.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { ResourceState } from "../host/resource-state.ts";
import type { ByteSource } from "./input-stream.ts";
import type { ByteSink } from "./output-stream.ts";

/** The standard input of the run in progress. */
export class StandardInput implements ByteSource {
  readonly #host: Preview2Host;

  constructor(host: Preview2Host) {
    this.#host = host;
  }

  read(into: Uint8Array): number {
    return this.#host.powers.input.read(into);
  }

  capture(): ResourceState {
    return { kind: "standard" };
  }
}

export class StandardOutput implements ByteSink {
  readonly #host: Preview2Host;
  readonly #name: StreamName;

  constructor(host: Preview2Host, name: StreamName) {
    this.#host = host;
    this.#name = name;
  }

  write(from: Uint8Array): FileResult<number> {
    this.#host.powers.output.write(this.#name, from);
    return from.length;
  }

  capture(): ResourceState {
    return { kind: "standard", stream: this.#name };
  }
}
