import { ErrnoFailure } from "./errno-failure.ts";

/** How much a guest may add to a host directory: without it a guest could fill the disk. */
export class GrowthBudget {
  readonly #maxBytes: number;
  readonly #maxEntries: number;
  #bytes = 0;
  #entries = 0;

  constructor(maxBytes: number, maxEntries: number) {
    this.#maxBytes = maxBytes;
    this.#maxEntries = maxEntries;
  }

  /** A file is about to go from `size` to `newSize` bytes. A shrunk file gives back, never more than was taken. */
  resize(size: number, newSize: number): void {
    const growth = newSize - size;
    if (growth > this.#maxBytes) throw new ErrnoFailure("EFBIG");
    if (this.#bytes + growth > this.#maxBytes) throw new ErrnoFailure("ENOSPC");
    this.#bytes = Math.max(0, this.#bytes + growth);
  }

  /** A file or directory is about to be made. Removing one gives nothing back: an open handle may still hold its blocks. */
  takeEntry(): void {
    if (this.#entries >= this.#maxEntries) throw new ErrnoFailure("ENOSPC");
    this.#entries += 1;
  }

  /** The entry was not made after all. */
  returnEntry(): void {
    this.#entries -= 1;
  }
}
