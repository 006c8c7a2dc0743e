import { NONZERO_SCAN_MODULE } from "./nonzero-scan-module.ts";

/**
 * Finds the first non-zero byte's neighbourhood: a position `p` with `from <= p <= to` such that all bytes in
 * `[from, p)` are zero, and `p === to` only if nothing was found. `from` and `to` are multiples of 128.
 */
export type NonzeroScan = (from: number, to: number) => number;

let compiled: WebAssembly.Module | "unavailable" | undefined;
const scans = new WeakMap<WebAssembly.Memory, NonzeroScan>();

/** The fastest scan that this platform allows for this memory: Wasm, or a loop where compiling is forbidden or the memory is 64-bit or shared. */
export function nonzeroScan(memory: WebAssembly.Memory): NonzeroScan {
  let scan = scans.get(memory);
  if (scan === undefined) {
    scan = wasmScan(memory) ?? ((from, to) => scanBuffer(memory.buffer, from, to));
    scans.set(memory, scan);
  }
  return scan;
}

function wasmScan(memory: WebAssembly.Memory): NonzeroScan | undefined {
  if (compiled === "unavailable") return undefined;
  try {
    compiled ??= new WebAssembly.Module(NONZERO_SCAN_MODULE);
  } catch {
    compiled = "unavailable";
    return undefined;
  }
  try {
    const { next } = new WebAssembly.Instance(compiled, { m: { m: memory } }).exports as {
      readonly next: (from: number, to: number) => number;
    };
    // Addresses are unsigned in Wasm and signed at the boundary.
    return (from, to) => next(from, to) >>> 0;
  } catch {
    return undefined;
  }
}

/** The same search in plain JavaScript. */
export function scanBuffer(buffer: ArrayBufferLike, from: number, to: number): number {
  const words = new Int32Array(buffer, from, (to - from) / 4);
  for (let i = 0; i < words.length; i += 4) {
    if (((words[i] ?? 0) | (words[i + 1] ?? 0) | (words[i + 2] ?? 0) | (words[i + 3] ?? 0)) !== 0)
      return from + (i & ~15) * 4;
  }
  return to;
}
