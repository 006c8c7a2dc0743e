import type { FileResult, FileStat } from "../../../capabilities/files/file-system.ts";
import { BaseDescription, streamStat } from "../description.ts";
import type { DescriptionState } from "../description.ts";

/** A read-only file that lives in host memory and is shared by all sandboxes (the standard library). */
export class BytesDescription extends BaseDescription {
  readonly kind = "file";
  readonly access = { read: true, write: false, append: false };
  readonly path: string;
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(path: string, bytes: Uint8Array) {
    super();
    this.path = path;
    this.#bytes = bytes;
  }

  override read(into: Uint8Array): FileResult<number> {
    const count = this.readAt(into, this.#position);
    if (typeof count === "number") this.#position += count;
    return count;
  }

  override readAt(into: Uint8Array, position: number): FileResult<number> {
    if (position >= this.#bytes.length) return 0;
    const part = this.#bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  override writeAt(): FileResult<number> {
    return "EBADF";
  }

  override seek(offset: number, whence: number): FileResult<number> {
    const base = whence === 0 ? 0 : whence === 1 ? this.#position : whence === 2 ? this.#bytes.length : Number.NaN;
    const position = base + offset;
    if (!Number.isSafeInteger(position) || position < 0) return "EINVAL";
    this.#position = position;
    return position;
  }

  override stat(): FileResult<FileStat> {
    return bytesStat(this.#bytes);
  }

  override capture(): DescriptionState {
    return { kind: "bytes", path: this.path, position: this.#position };
  }
}

/** The stat of such a file: no times, so that it is the same everywhere. */
export function bytesStat(bytes: Uint8Array): FileStat {
  return { ...streamStat(false), size: bytes.length, inode: 1 };
}
