/** Content is kept in pieces of this many bytes, so that a write copies at most one piece that a snapshot shares. */
export const CHUNK_BYTES = 65_536;
const SMALLEST_CHUNK_BYTES = 64;

interface Chunk {
  bytes: Uint8Array;
  /** Who may write in place. A chunk without an owner is shared and copied before a write. */
  owner: FileContent | undefined;
}

/** One piece of a file as plain data; not to be written to, since others share it. */
export interface ContentChunk {
  /** The piece starts at `index * CHUNK_BYTES`. */
  readonly index: number;
  /** What was never written behind them, up to the next piece, reads as zeros. */
  readonly bytes: Uint8Array;
}

/** The bytes of a memory file: sparse, copy-on-write. Knows no quota. */
export class FileContent {
  #size = 0;
  readonly #chunks: Map<number, Chunk> = new Map();

  /** The caller has checked that the pieces lie within `size` and are at most CHUNK_BYTES long. */
  static of(size: number, chunks: Iterable<ContentChunk>): FileContent {
    const content = new FileContent();
    content.#size = size;
    for (const { index, bytes } of chunks) content.#chunks.set(index, { bytes, owner: undefined });
    return content;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether nothing was written at all. */
  get untouched(): boolean {
    return this.#chunks.size === 0;
  }

  /** Whether anything was written to the piece that starts at `index * CHUNK_BYTES`. */
  has(index: number): boolean {
    return this.#chunks.has(index);
  }

  /** The pieces in order. They are shared from now on: a later write copies. */
  chunks(): ContentChunk[] {
    return Array.from(this.#chunks, ([index, chunk]) => {
      chunk.owner = undefined;
      return { index, bytes: chunk.bytes.subarray(0, this.#size - index * CHUNK_BYTES) };
    }).sort((a, b) => a.index - b.index);
  }

  /** What a quota counts if the first `limit` bytes come from elsewhere but for the pieces that were written. */
  charged(limit: number): number {
    let bytes = Math.max(0, this.#size - limit);
    for (const index of limit === 0 ? [] : this.#chunks.keys()) {
      bytes += Math.max(0, Math.min(CHUNK_BYTES, limit - index * CHUNK_BYTES));
    }
    return bytes;
  }

  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.#size - position));
    let done = 0;
    while (done < count) {
      const at = position + done;
      const offset = at % CHUNK_BYTES;
      const length = Math.min(CHUNK_BYTES - offset, count - done);
      const chunk = this.#chunks.get((at - offset) / CHUNK_BYTES);
      const present = chunk === undefined ? 0 : Math.max(0, Math.min(length, chunk.bytes.length - offset));
      if (chunk !== undefined && present > 0) into.set(chunk.bytes.subarray(offset, offset + present), done);
      // A hole, or the part of a chunk that was never written.
      if (present < length) into.fill(0, done + present, done + length);
      done += length;
    }
    return count;
  }

  write(from: Uint8Array, position: number): void {
    let done = 0;
    while (done < from.length) {
      const at = position + done;
      const offset = at % CHUNK_BYTES;
      const length = Math.min(CHUNK_BYTES - offset, from.length - done);
      const bytes = this.#writable((at - offset) / CHUNK_BYTES, offset + length);
      bytes.set(from.subarray(done, done + length), offset);
      done += length;
    }
    if (from.length > 0) this.#size = Math.max(this.#size, position + from.length);
  }

  truncate(size: number): void {
    if (size < this.#size) {
      const offset = size % CHUNK_BYTES;
      const last = (size - offset) / CHUNK_BYTES;
      for (const index of this.#chunks.keys()) {
        if (index > last || (index === last && offset === 0)) this.#chunks.delete(index);
      }
      const chunk = this.#chunks.get(last);
      // What lies behind the new end must read as zeros if the file grows again.
      if (chunk !== undefined && chunk.bytes.length > offset) this.#writable(last, offset).fill(0, offset);
    }
    this.#size = size;
  }

  /** A second content with the same bytes; neither sees the other's later writes. */
  share(): FileContent {
    const copy = new FileContent();
    copy.#size = this.#size;
    for (const [index, chunk] of this.#chunks) {
      chunk.owner = undefined;
      copy.#chunks.set(index, chunk);
    }
    return copy;
  }

  #writable(index: number, needed: number): Uint8Array {
    const chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      const bytes = new Uint8Array(capacityFor(needed));
      this.#chunks.set(index, { bytes, owner: this });
      return bytes;
    }
    if (chunk.owner === this && chunk.bytes.length >= needed) return chunk.bytes;
    const bytes = new Uint8Array(Math.max(chunk.bytes.length, capacityFor(needed)));
    bytes.set(chunk.bytes);
    this.#chunks.set(index, { bytes, owner: this });
    return bytes;
  }
}

function capacityFor(needed: number): number {
  let capacity = SMALLEST_CHUNK_BYTES;
  while (capacity < needed) capacity *= 2;
  return capacity;
}
