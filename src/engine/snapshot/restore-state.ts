import { WardianError } from "../../errors.ts";
import { captureGlobal } from "./capture-state.ts";
import { nonzeroScan } from "./nonzero-scan.ts";
import type { NonzeroScan } from "./nonzero-scan.ts";
import { BLOCK_BYTES, blockStart, WASM_PAGE_BYTES } from "./state-image.ts";
import type { GuestState, MemoryImage, StateImage } from "./state-image.ts";

export interface RestoreOptions {
  /**
   * How many bytes a memory may have outgrown the image by and still be restored in place. Default 32 MiB: zeroing
   * more costs more than a new instance. Zero: only exact restores, for runs that must repeat to the unit of fuel
   * (a guest sees its memory's size).
   */
  readonly maxGrowthBytes?: number;
  /** The memories have never been written to: nothing beyond the image has to be looked for. Default false. */
  readonly blank?: boolean;
}

export type RestoreOutcome =
  /** `exact` is false if a memory or table is longer than in the image: its contents there are zero or null. */
  | { readonly kind: "restored"; readonly exact: boolean }
  /** Nothing was changed: the instance has grown so far that a new one is cheaper. Drop it. */
  | { readonly kind: "grown"; readonly byteLength: number }
  /** No contents were changed: a memory or table can't be made as long as the image's. Drop the instance. */
  | { readonly kind: "too-small"; readonly byteLength: number };

/**
 * Puts an instance back into the captured state, in place: copies what the image holds and clears the blocks that are
 * not zero beyond it. Works for the instance that was captured and for a fresh one of the same module (a fork).
 *
 * Throws a `WardianError` before anything is changed: `internal` if the number of memories, globals or tables differs
 * from the image's, `asset` if a global's type does.
 */
export function restoreState(image: StateImage, state: GuestState, options: RestoreOptions = {}): RestoreOutcome {
  const tables = state.tables ?? [];
  if (
    image.memories.length !== state.memories.length ||
    image.globals.length !== state.globals.length ||
    image.tables.length !== tables.length
  ) {
    throw new WardianError(
      "internal",
      "Cannot restore a guest's state: the image has another number of memories, globals or tables",
    );
  }
  if (!state.globals.every((global, index) => typeof captureGlobal(global) === typeof image.globals[index]))
    throw new WardianError("asset", "Cannot restore a guest's state: a global in the image has another type");
  const { maxGrowthBytes = 32 * 2 ** 20, blank = false } = options;
  const memories = pairs(state.memories, image.memories);
  const tableEntries = pairs(tables, image.tables);
  for (const [memory, from] of memories) {
    const { byteLength } = memory.buffer;
    if (byteLength - from.byteLength > maxGrowthBytes) return { kind: "grown", byteLength };
  }
  for (const [memory, from] of memories) {
    if (!growTo(memory, from.byteLength)) return { kind: "too-small", byteLength: memory.buffer.byteLength };
  }
  for (const [table, from] of tableEntries) {
    if (!growTable(table, from.length)) return { kind: "too-small", byteLength: 0 };
  }
  let exact = true;
  for (const [memory, from] of memories) {
    restoreMemory(from, memory, blank);
    exact &&= memory.buffer.byteLength === from.byteLength;
  }
  for (const [table, from] of tableEntries) {
    for (let i = 0; i < table.length; i++) table.set(i, from[i] ?? null);
    exact &&= table.length === from.length;
  }
  for (const [global, value] of pairs(state.globals, image.globals)) {
    global.value = typeof value === "object" ? value.reference : value;
  }
  return { kind: "restored", exact };
}

/** Whether an image that may be forged can be put into an instance: as many memories and globals, of the right types, and no live references. */
export function fitsState(image: StateImage, state: GuestState): boolean {
  return (
    image.memories.length === state.memories.length &&
    image.globals.length === state.globals.length &&
    image.tables.length === (state.tables ?? []).length &&
    state.globals.every((global, index) => {
      const value = image.globals[index];
      return typeof value === typeof captureGlobal(global) && (typeof value !== "object" || value.reference === null);
    })
  );
}

function restoreMemory(image: MemoryImage, memory: WebAssembly.Memory, blank: boolean): void {
  const target = new Uint8Array(memory.buffer);
  const next: NonzeroScan = blank ? (_from, to) => to : nonzeroScan(memory);
  let clean = 0;
  for (const { offset, bytes } of image.runs) {
    clear(target, next, clean, offset);
    target.set(bytes, offset);
    clean = offset + bytes.length;
  }
  clear(target, next, clean, target.length);
}

/** Zeroes the blocks of `[from, to)` that hold anything, and only those: an untouched page stays unbacked. */
function clear(target: Uint8Array, next: NonzeroScan, from: number, to: number): void {
  if (from >= to) return;
  for (let at = next(from, to); at < to; at = at < to ? next(at, to) : at) {
    const end = Math.min(blockStart(at) + BLOCK_BYTES, to);
    target.fill(0, at, end);
    at = end;
  }
}

function growTo(memory: WebAssembly.Memory, byteLength: number): boolean {
  const missing = byteLength - memory.buffer.byteLength;
  if (missing <= 0) return true;
  try {
    memory.grow(missing / WASM_PAGE_BYTES);
    return true;
  } catch {
    return false; // Over the memory's maximum, or the engine has no more.
  }
}

function growTable(table: WebAssembly.Table, length: number): boolean {
  if (length <= table.length) return true;
  try {
    table.grow(length - table.length);
    return true;
  } catch {
    return false;
  }
}

/** Each item with what the image has for it. Not a generator, which would take longer than the rest of a small restore does. */
function pairs<A extends object, B>(items: readonly A[], images: readonly B[]): readonly (readonly [A, B])[] {
  const paired: (readonly [A, B])[] = [];
  for (const [index, image] of images.entries()) {
    const item = items[index];
    if (item !== undefined) paired.push([item, image]);
  }
  return paired;
}
