import type { DirectoryEntry, FileResult, FileStat } from "../../../capabilities/files/file-system.ts";
import type { OpenFile } from "../../../capabilities/files/file-view.ts";
import { BaseDescription } from "../description.ts";
import type { DescriptionState } from "../description.ts";

type OpenDirectory = Extract<OpenFile, { kind: "directory" }>;

/** An open directory. Its listing is taken at the first read and kept until rewound, so that a cursor stays right. */
export class DirectoryDescription extends BaseDescription {
  readonly kind = "directory";
  readonly access = { read: true, write: false, append: false };
  readonly #directory: OpenDirectory;
  #listing: readonly DirectoryEntry[] | undefined;
  #cursor = 0;

  constructor(directory: OpenDirectory) {
    super();
    this.#directory = directory;
  }

  get path(): string {
    return this.#directory.path;
  }

  override read(): FileResult<number> {
    return "EISDIR";
  }

  override stat(): FileResult<FileStat> {
    return this.#directory.stat();
  }

  override entries(limit: number): FileResult<readonly DirectoryEntry[]> {
    if (this.#listing === undefined) {
      const listing = this.#directory.list();
      if (typeof listing === "string") return listing;
      this.#listing = listing;
    }
    return this.#listing.slice(this.#cursor, this.#cursor + limit);
  }

  /** The position of a directory counts entries; going back to 0 reads it afresh. */
  override seek(offset: number, whence: number): FileResult<number> {
    const target = whence === 0 ? offset : whence === 1 ? this.#cursor + offset : -1;
    if (!Number.isSafeInteger(target) || target < 0) return "EINVAL";
    if (target === 0) this.#listing = undefined;
    this.#cursor = target;
    return target;
  }

  override capture(): DescriptionState {
    return { kind: "directory", open: this.#directory.capture(), position: this.#cursor };
  }

  override close(): void {
    this.#directory.close();
  }
}
