import type { FileHandle, FileResult, FileStat, FileTimes } from "../../../capabilities/files/file-system.ts";
import type { OpenFile } from "../../../capabilities/files/file-view.ts";
import { BaseDescription } from "../description.ts";
import type { AccessFlags, DescriptionState } from "../description.ts";

type OpenRegularFile = Extract<OpenFile, { kind: "file" }>;

/** An open regular file with its position. */
export class FileDescription extends BaseDescription {
  readonly kind = "file";
  readonly path: string;
  #access: AccessFlags;
  readonly #open: OpenRegularFile;
  readonly #handle: FileHandle;
  #position = 0;

  constructor(open: OpenRegularFile, access: AccessFlags) {
    super();
    this.path = open.path;
    this.#access = access;
    this.#open = open;
    this.#handle = open.handle;
  }

  get access(): AccessFlags {
    return this.#access;
  }

  override read(into: Uint8Array): FileResult<number> {
    const count = this.readAt(into, this.#position);
    if (typeof count === "number") this.#position += count;
    return count;
  }

  override write(from: Uint8Array): FileResult<number> {
    if (!this.#access.write) return "EBADF";
    const at = this.#access.append ? this.#size() : this.#position;
    if (typeof at === "string") return at;
    const count = this.#handle.write(from, at);
    if (typeof count === "number") this.#position = at + count;
    return count;
  }

  override readAt(into: Uint8Array, position: number): FileResult<number> {
    if (!this.#access.read) return "EBADF";
    return this.#handle.read(into, position);
  }

  override writeAt(from: Uint8Array, position: number): FileResult<number> {
    if (!this.#access.write) return "EBADF";
    return this.#handle.write(from, position);
  }

  override seek(offset: number, whence: number): FileResult<number> {
    const base = whence === 0 ? 0 : whence === 1 ? this.#position : whence === 2 ? this.#size() : "EINVAL";
    if (typeof base === "string") return base;
    const position = base + offset;
    if (!Number.isSafeInteger(position) || position < 0) return "EINVAL";
    this.#position = position;
    return position;
  }

  override stat(): FileResult<FileStat> {
    return this.#handle.stat();
  }

  override truncate(size: number): FileResult<void> {
    if (!this.#access.write) return "EINVAL";
    return this.#handle.truncate(size);
  }

  override setTimes(times: FileTimes): FileResult<void> {
    return this.#handle.setTimes(times);
  }

  override sync(): FileResult<void> {
    return this.#handle.sync();
  }

  override setAppend(append: boolean): void {
    this.#access = { ...this.#access, append };
  }

  override capture(): DescriptionState {
    return { kind: "file", open: this.#open.capture(), access: this.#access, position: this.#position };
  }

  override close(): void {
    this.#open.close();
  }

  #size(): FileResult<number> {
    const stat = this.#handle.stat();
    return typeof stat === "string" ? stat : stat.size;
  }
}
