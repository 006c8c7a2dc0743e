import { nonzeroScan } from "./nonzero-scan.ts";
import { BLOCK_BYTES, blockStart, WASM_PAGE_BYTES } from "./state-image.ts";

/** What a memory must be for whoever takes it, in bytes: multiples of 65,536. */
export interface MemoryShape {
  /** It may be as short as this. */
  readonly leastBytes: number;
  /** And as long as this: a memory can't shrink. Default: `leastBytes`. */
  readonly mostBytes?: number | undefined;
  /** Its declared maximum: exactly this. */
  readonly maximumBytes: number;
}

interface Spare {
  readonly memory: WebAssembly.Memory;
  readonly maximumBytes: number;
  /** Collections that it has been through. */
  age: number;
}

/** Linear memory that may lie ready: 32 of the JavaScript guest, or two of Python's. */
const ROOM_BYTES = 64 * 2 ** 20;

/** A memory that so many collections in a row have found unused is left to the next one. */
const MOST_COLLECTIONS = 4;

/**
 * Memories of guests that were closed, for the next ones (as wasmtime's pooling allocator keeps them). In a new memory the
 * first write to each page of 4 KiB is a page fault, which costs ten times what the copy of an image's page does; and the
 * megabytes of each make the collector of garbage run early.
 *
 * All that lie here are blank: they are cleared when they are given, so nothing of a guest outlives its sandbox.
 */
export class SpareMemories {
  readonly #roomBytes: number;
  /** Oldest first. */
  #spares: Spare[] = [];
  #heldBytes = 0;
  #watched = false;
  readonly #collections = new FinalizationRegistry<undefined>(() => {
    this.#watched = false;
    this.age();
  });

  constructor(roomBytes: number = ROOM_BYTES) {
    this.#roomBytes = roomBytes;
  }

  /** Bytes of linear memory that lie ready. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** One that lies ready, else a new one: all zeros either way. */
  obtain(shape: MemoryShape): WebAssembly.Memory {
    const { leastBytes, maximumBytes } = shape;
    return (
      this.take(shape) ??
      new WebAssembly.Memory({ initial: leastBytes / WASM_PAGE_BYTES, maximum: maximumBytes / WASM_PAGE_BYTES })
    );
  }

  /** The longest that fits; undefined if there is none. */
  take({ leastBytes, mostBytes = leastBytes, maximumBytes }: MemoryShape): WebAssembly.Memory | undefined {
    let best: Spare | undefined;
    for (const spare of this.#spares) {
      const { byteLength } = spare.memory.buffer;
      if (spare.maximumBytes !== maximumBytes || byteLength < leastBytes || byteLength > mostBytes) continue;
      // Of several as long the one that was given last: its pages may still be in the processor's cache.
      if (best === undefined || byteLength >= best.memory.buffer.byteLength) best = spare;
    }
    if (best !== undefined) this.#drop(best);
    return best?.memory;
  }

  /**
   * Clears a memory and keeps it, if there is room. Nothing may enter an instance that has it any more, and none of its
   * frames may be on a stack, suspended ones included.
   */
  give(memory: WebAssembly.Memory, maximumBytes: number): void {
    const { byteLength } = memory.buffer;
    if (byteLength > this.#roomBytes || this.#spares.some((spare) => spare.memory === memory)) return;
    clearMemory(memory);
    this.#spares.push({ memory, maximumBytes, age: 0 });
    this.#heldBytes += byteLength;
    while (this.#heldBytes > this.#roomBytes) {
      const [oldest] = this.#spares;
      if (oldest === undefined) break;
      this.#drop(oldest);
    }
    this.#watch();
  }

  /** Called behind each of the engine's collections: lets go of what nobody has come for. */
  age(): void {
    for (const spare of this.#spares) {
      spare.age += 1;
      if (spare.age >= MOST_COLLECTIONS) this.#drop(spare);
    }
    if (this.#spares.length > 0) this.#watch();
  }

  #drop(spare: Spare): void {
    this.#spares = this.#spares.filter((other) => other !== spare);
    this.#heldBytes -= spare.memory.buffer.byteLength;
  }

  /** An object that nobody holds: its end tells of a collection. */
  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#collections.register({}, undefined);
  }
}

/** Those of this process, shared by all its guests. */
export const spareMemories: SpareMemories = new SpareMemories();

/** Zeroes the blocks that hold anything: what was never touched stays unbacked. */
function clearMemory(memory: WebAssembly.Memory): void {
  const bytes = new Uint8Array(memory.buffer);
  const next = nonzeroScan(memory);
  for (let at = next(0, bytes.length); at < bytes.length; at = next(at, bytes.length)) {
    const end = blockStart(at) + BLOCK_BYTES;
    bytes.fill(0, blockStart(at), end);
    at = end;
  }
}
