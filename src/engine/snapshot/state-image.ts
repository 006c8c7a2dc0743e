import { WardianError } from "../../errors.ts";
import { nonzeroScan } from "./nonzero-scan.ts";
import type { NonzeroScan } from "./nonzero-scan.ts";

/**
 * Granularity of an image in bytes: the page size of the usual processors. Wasm's own 64 KiB pages would carry about
 * a third more for a small guest; 1 KiB saves little and doubles the number of copies.
 */
export const BLOCK_BYTES = 4_096;

const WASM_PAGE_BYTES = 65_536;

/** What makes up the mutable state of an instance. The meter's own globals (fuel, depth) do not belong here. */
export interface GuestState {
  readonly memories: readonly WebAssembly.Memory[];
  /** Every mutable global. The order must be the same at capture and at restore. */
  readonly globals: readonly WebAssembly.Global[];
  /** Tables that can change. An image with tables holds live functions and can't be turned into a file. */
  readonly tables?: readonly WebAssembly.Table[];
}

/** A value of a global as JavaScript sees it. */
export type GlobalValue = number | bigint | { readonly reference: unknown };

export interface MemoryImage {
  readonly byteLength: number;
  /** Runs of non-zero blocks, ascending, not touching: offset and length in bytes, both multiples of `BLOCK_BYTES`. */
  readonly runs: readonly { readonly offset: number; readonly byteLength: number }[];
  /** The bytes of all runs, one after the other. */
  readonly data: Uint8Array;
}

/** A sparse copy of a guest's state, independent of the instance it was taken from (except for references). */
export interface StateImage {
  readonly memories: readonly MemoryImage[];
  readonly globals: readonly GlobalValue[];
  readonly tables: readonly (readonly unknown[])[];
}

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
 * Copies the non-zero parts of the memories, the globals and the tables.
 *
 * Throws a `WardianError` `unsupported` for a v128 global, which JavaScript can't read.
 */
export function captureState(state: GuestState): StateImage {
  return {
    memories: state.memories.map(captureMemory),
    globals: state.globals.map(captureGlobal),
    tables: (state.tables ?? []).map(captureTable),
  };
}

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
  for (const [global, value] of pairs(state.globals, image.globals)) {
    if (typeof captureGlobal(global) !== typeof value) {
      throw new WardianError("asset", "Cannot restore a guest's state: a global in the image has another type");
    }
  }
  const { maxGrowthBytes = 32 * 2 ** 20, blank = false } = options;
  for (const [memory, from] of pairs(state.memories, image.memories)) {
    const { byteLength } = memory.buffer;
    if (byteLength - from.byteLength > maxGrowthBytes) return { kind: "grown", byteLength };
  }
  for (const [memory, from] of pairs(state.memories, image.memories)) {
    if (!growTo(memory, from.byteLength)) return { kind: "too-small", byteLength: memory.buffer.byteLength };
  }
  for (const [table, from] of pairs(tables, image.tables)) {
    if (!growTable(table, from.length)) return { kind: "too-small", byteLength: 0 };
  }
  let exact = true;
  for (const [memory, from] of pairs(state.memories, image.memories)) {
    restoreMemory(from, memory, blank);
    exact &&= memory.buffer.byteLength === from.byteLength;
  }
  for (const [table, from] of pairs(tables, image.tables)) {
    for (let i = 0; i < table.length; i++) table.set(i, from[i] ?? null);
    exact &&= table.length === from.length;
  }
  for (const [global, value] of pairs(state.globals, image.globals)) {
    global.value = typeof value === "object" ? value.reference : value;
  }
  return { kind: "restored", exact };
}

function captureMemory(memory: WebAssembly.Memory): MemoryImage {
  const bytes = new Uint8Array(memory.buffer);
  const runs: { readonly offset: number; readonly byteLength: number }[] = [];
  const next = nonzeroScan(memory);
  let total = 0;
  for (let at = next(0, bytes.length); at < bytes.length;) {
    const offset = blockStart(at);
    let end = offset + BLOCK_BYTES;
    while (end < bytes.length && next(end, end + BLOCK_BYTES) < end + BLOCK_BYTES) end += BLOCK_BYTES;
    runs.push({ offset, byteLength: end - offset });
    total += end - offset;
    at = next(end, bytes.length);
  }
  const data = new Uint8Array(total);
  let at = 0;
  for (const { offset, byteLength } of runs) {
    data.set(bytes.subarray(offset, offset + byteLength), at);
    at += byteLength;
  }
  return { byteLength: bytes.length, runs, data };
}

function restoreMemory(image: MemoryImage, memory: WebAssembly.Memory, blank: boolean): void {
  const bytes = new Uint8Array(memory.buffer);
  const next: NonzeroScan = blank ? (_from, to) => to : nonzeroScan(memory);
  let clean = 0;
  let at = 0;
  for (const { offset, byteLength } of image.runs) {
    clear(bytes, next, clean, offset);
    bytes.set(image.data.subarray(at, at + byteLength), offset);
    at += byteLength;
    clean = offset + byteLength;
  }
  clear(bytes, next, clean, bytes.length);
}

/** Zeroes the blocks of `[from, to)` that hold anything, and only those: an untouched page stays unbacked. */
function clear(bytes: Uint8Array, next: (from: number, to: number) => number, from: number, to: number): void {
  if (from >= to) return;
  for (let at = next(from, to); at < to; at = at < to ? next(at, to) : at) {
    const end = Math.min(blockStart(at) + BLOCK_BYTES, to);
    bytes.fill(0, at, end);
    at = end;
  }
}

function blockStart(address: number): number {
  return address - (address % BLOCK_BYTES);
}

function captureGlobal(global: WebAssembly.Global): GlobalValue {
  let value: unknown;
  try {
    value = global.value;
  } catch (cause) {
    throw new WardianError("unsupported", "Cannot capture a guest's state: a global's type has no JavaScript value", {
      cause,
    });
  }
  return typeof value === "number" || typeof value === "bigint" ? value : { reference: value };
}

function captureTable(table: WebAssembly.Table): readonly unknown[] {
  return Array.from({ length: table.length }, (_, index): unknown => table.get(index));
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

function* pairs<A, B>(left: readonly A[], right: readonly B[]): Generator<readonly [A, B]> {
  const other = right[Symbol.iterator]();
  for (const item of left) {
    const { done, value } = other.next();
    if (done === true) return;
    yield [item, value];
  }
}
