/** What the branches to the loops' headers bring back, by number of the loop in its function. Kept from round to round. */
export class LoopMemory {
  /** A debt, a flush comes back with the branch to its header. */
  readonly dirty: Set<number> = new Set();
  readonly flushed: Map<number, number> = new Map();
  readonly open: Set<number> = new Set();
  readonly run: Map<number, number> = new Map();
  /** More came back than was assumed: the function has to be read again. */
  again = false;

  clear(): void {
    this.dirty.clear();
    this.flushed.clear();
    this.open.clear();
    this.run.clear();
  }
}
