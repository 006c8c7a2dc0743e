/**
 * Granularity of an image in bytes: the page size of the usual processors. Wasm's own 64 KiB pages would carry about
 * a third more for a small guest; 1 KiB saves little and doubles the number of copies.
 */
export const BLOCK_BYTES = 4_096;

export const WASM_PAGE_BYTES = 65_536;

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

/** A stretch of memory: `offset` and the length of `bytes` are multiples of `BLOCK_BYTES`. */
export interface MemoryRun {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface MemoryImage {
  readonly byteLength: number;
  /** The blocks that are not zero, ascending, without overlaps; images of the same origin share the bytes. */
  readonly runs: readonly MemoryRun[];
}

/** A sparse copy of a guest's state, independent of the instance it was taken from (except for references). */
export interface StateImage {
  readonly memories: readonly MemoryImage[];
  readonly globals: readonly GlobalValue[];
  readonly tables: readonly (readonly unknown[])[];
}

export function blockStart(address: number): number {
  return address - (address % BLOCK_BYTES);
}
