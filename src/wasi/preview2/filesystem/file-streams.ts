import type { FileHandle, FileResult } from "../../../capabilities/files/file-system.ts";
import type { NumberOf, ResourceState } from "../host/resource-state.ts";
import type { ByteSource } from "../io/input-stream.ts";
import type { ByteSink } from "../io/output-stream.ts";
import type { Descriptor } from "./descriptor.ts";

/** Reads a file from a position on. The file stays open until it is released. */
export class FileSource implements ByteSource {
  readonly #descriptor: Descriptor;
  readonly #handle: FileHandle;
  readonly #release: () => void;
  #position: number;

  constructor(descriptor: Descriptor, handle: FileHandle, position: number, release: () => void) {
    this.#descriptor = descriptor;
    this.#handle = handle;
    this.#position = position;
    this.#release = release;
  }

  read(into: Uint8Array): FileResult<number> {
    const count = this.#handle.read(into, this.#position);
    if (typeof count === "number") this.#position += count;
    return count;
  }

  capture(number: NumberOf): ResourceState {
    return { kind: "file", descriptor: number(this.#descriptor), position: this.#position };
  }

  close(): void {
    this.#release();
  }
}

/** Writes a file from a position on, or always at its end. The file stays open until it is released. */
export class FileSink implements ByteSink {
  readonly #descriptor: Descriptor;
  readonly #handle: FileHandle;
  readonly #release: () => void;
  /** Undefined: at the end, wherever that is. */
  #position: number | undefined;

  constructor(descriptor: Descriptor, handle: FileHandle, position: number | undefined, release: () => void) {
    this.#descriptor = descriptor;
    this.#handle = handle;
    this.#position = position;
    this.#release = release;
  }

  write(from: Uint8Array): FileResult<number> {
    if (this.#position === undefined) {
      const stat = this.#handle.stat();
      return typeof stat === "string" ? stat : this.#handle.write(from, stat.size);
    }
    const count = this.#handle.write(from, this.#position);
    if (typeof count === "number") this.#position += count;
    return count;
  }

  capture(number: NumberOf): ResourceState {
    return { kind: "file", descriptor: number(this.#descriptor), position: this.#position };
  }

  close(): void {
    this.#release();
  }
}
