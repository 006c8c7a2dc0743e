import { BLOCK_BYTES } from "./state-image.ts";
import type { GlobalValue, MemoryImage, MemoryRun, StateImage } from "./state-image.ts";

/** What a memory differs in from another image's. */
export interface MemoryDelta {
  readonly byteLength: number;
  /** Blocks that hold something else, as in an image. */
  readonly runs: readonly MemoryRun[];
  /** Stretches in whole blocks that were not zero and are now; ascending, without overlaps, none with a run. */
  readonly cleared: readonly Stretch[];
}

export interface Stretch {
  readonly offset: number;
  readonly byteLength: number;
}

/** The way from one image (the base) to another. A whole image is one whose base is {@link EMPTY_IMAGE}. */
export interface StateDelta {
  readonly memories: readonly MemoryDelta[];
  readonly globals: readonly GlobalValue[];
}

const NO_MEMORY: MemoryImage = { byteLength: 0, runs: [] };

/** The base of whole images: no memory holds anything. */
export const EMPTY_IMAGE: StateImage = { memories: [], globals: [], tables: [] };

/** What `image` differs in from `base`. The bytes are shared with `image`, and it has no tables. */
export function deltaBetween(base: StateImage, image: StateImage): StateDelta {
  return {
    memories: image.memories.map((memory, index) => memoryDelta(base.memories[index] ?? NO_MEMORY, memory)),
    globals: image.globals,
  };
}

/** The image that a delta leads to. Bytes are shared with base and delta. */
export function applyDelta(base: StateImage, delta: StateDelta): StateImage {
  return {
    memories: delta.memories.map((memory, index) => applyToMemory(base.memories[index] ?? NO_MEMORY, memory)),
    globals: delta.globals,
    tables: [],
  };
}

function memoryDelta(base: MemoryImage, memory: MemoryImage): MemoryDelta {
  const before = new BlockCursor(base.runs);
  const runs: MemoryRun[] = [];
  const cleared: Stretch[] = [];
  let free = 0;
  for (const run of memory.runs) {
    clearBetween(before, free, run.offset, cleared);
    free = run.offset + run.bytes.length;
    let start = -1;
    for (let at = 0; at <= run.bytes.length; at += BLOCK_BYTES) {
      const old = at < run.bytes.length ? before.blockAt(run.offset + at) : undefined;
      const changed = at < run.bytes.length && (old === undefined || !sameBlock(old.bytes, old.at, run.bytes, at));
      if (changed && start < 0) start = at;
      if (!changed && start >= 0) {
        runs.push({ offset: run.offset + start, bytes: run.bytes.subarray(start, at) });
        start = -1;
      }
    }
  }
  clearBetween(before, free, Number.POSITIVE_INFINITY, cleared);
  return { byteLength: memory.byteLength, runs, cleared: cleared.filter(({ offset }) => offset < memory.byteLength) };
}

/** Notes what the base holds from `from` up to `to`: all of it is zero now. */
function clearBetween(before: BlockCursor, from: number, to: number, cleared: Stretch[]): void {
  for (let held = before.heldFrom(from); held !== undefined && held.offset < to; held = before.heldFrom(held.end)) {
    const end = Math.min(held.end, to);
    cleared.push({ offset: held.offset, byteLength: end - held.offset });
    if (end === to) return;
  }
}

/** Finds the blocks of ascending runs, for addresses that only ascend. */
class BlockCursor {
  readonly #runs: readonly MemoryRun[];
  #index = 0;

  constructor(runs: readonly MemoryRun[]) {
    this.#runs = runs;
  }

  blockAt(address: number): { readonly bytes: Uint8Array; readonly at: number } | undefined {
    const run = this.#runFrom(address);
    return run === undefined || run.offset > address ? undefined : { bytes: run.bytes, at: address - run.offset };
  }

  /** The first stretch that holds something at or behind `address`. */
  heldFrom(address: number): { readonly offset: number; readonly end: number } | undefined {
    const run = this.#runFrom(address);
    return run === undefined
      ? undefined
      : { offset: Math.max(run.offset, address), end: run.offset + run.bytes.length };
  }

  #runFrom(address: number): MemoryRun | undefined {
    for (; ; this.#index++) {
      const run = this.#runs[this.#index];
      if (run === undefined || run.offset + run.bytes.length > address) return run;
    }
  }
}

const WORDS = BLOCK_BYTES / 4;

function sameBlock(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): boolean {
  const leftStart = left.byteOffset + leftAt;
  const rightStart = right.byteOffset + rightAt;
  if (((leftStart | rightStart) & 3) !== 0) {
    for (let at = 0; at < BLOCK_BYTES; at++) if (left[leftAt + at] !== right[rightAt + at]) return false;
    return true;
  }
  const a = new Int32Array(left.buffer, leftStart, WORDS);
  const b = new Int32Array(right.buffer, rightStart, WORDS);
  for (let word = 0; word < WORDS; word++) if (a[word] !== b[word]) return false;
  return true;
}

function applyToMemory(base: MemoryImage, delta: MemoryDelta): MemoryImage {
  // What the delta says something about, in order: those stretches of the base are left out.
  const covered: Stretch[] = [
    ...delta.runs.map(({ offset, bytes }) => ({ offset, byteLength: bytes.length })),
    ...delta.cleared,
    { offset: delta.byteLength, byteLength: Number.POSITIVE_INFINITY },
  ].toSorted((a, b) => a.offset - b.offset);
  const runs: MemoryRun[] = [...delta.runs];
  let next = 0;
  for (const run of base.runs) {
    const end = run.offset + run.bytes.length;
    let at = run.offset;
    while (at < end) {
      let stretch = covered[next];
      while (stretch !== undefined && stretch.offset + stretch.byteLength <= at) {
        next++;
        stretch = covered[next];
      }
      const until = Math.min(end, stretch?.offset ?? end);
      if (until > at) runs.push({ offset: at, bytes: run.bytes.subarray(at - run.offset, until - run.offset) });
      at = Math.max(until, Math.min(end, (stretch?.offset ?? end) + (stretch?.byteLength ?? 0)));
    }
  }
  return { byteLength: delta.byteLength, runs: runs.toSorted((a, b) => a.offset - b.offset) };
}
