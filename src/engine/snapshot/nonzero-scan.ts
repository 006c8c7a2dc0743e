/**
 * Finds the first non-zero byte's neighbourhood: a position `p` with `from <= p <= to` such that all bytes in
 * `[from, p)` are zero, and `p === to` only if nothing was found. `from` and `to` are multiples of 128.
 */
export type NonzeroScan = (from: number, to: number) => number;

/**
 * The scan as a Wasm module that imports the memory (16 MiB: 0.19 ms; the same loop over an `Int32Array`: 2.9 ms). 128 bytes
 * a turn: with 64 or 512 it takes an eighth longer.
 * Reading instead of simply filling with zeros matters: a fill makes every untouched page resident.
 *
 * ```wat
 * (module
 *   (import "m" "m" (memory 0))
 *   (func (export "next") (param i32 i32) (result i32)
 *     block
 *       loop
 *         local.get 0
 *         local.get 1
 *         i32.ge_u
 *         br_if 1
 *         local.get 0
 *         v128.load
 *         local.get 0
 *         v128.load offset=16
 *         v128.or
 *         local.get 0
 *         v128.load offset=32
 *         v128.or
 *         local.get 0
 *         v128.load offset=48
 *         v128.or
 *         local.get 0
 *         v128.load offset=64
 *         v128.or
 *         local.get 0
 *         v128.load offset=80
 *         v128.or
 *         local.get 0
 *         v128.load offset=96
 *         v128.or
 *         local.get 0
 *         v128.load offset=112
 *         v128.or
 *         v128.any_true
 *         br_if 1
 *         local.get 0
 *         i32.const 128
 *         i32.add
 *         local.set 0
 *         br 0
 *       end
 *     end
 *     local.get 0))
 * ```
 */
export const NONZERO_SCAN_MODULE: Uint8Array<ArrayBuffer> = Uint8Array.from([
  0x00,
  0x61,
  0x73,
  0x6d,
  0x01,
  0x00,
  0x00,
  0x00, // magic, version
  0x01,
  0x07,
  0x01,
  0x60,
  0x02,
  0x7f,
  0x7f,
  0x01,
  0x7f, // type (i32 i32) -> i32
  0x02,
  0x08,
  0x01,
  0x01,
  0x6d,
  0x01,
  0x6d,
  0x02,
  0x00,
  0x00, // import "m" "m" memory 0
  0x03,
  0x02,
  0x01,
  0x00, // one function
  0x07,
  0x08,
  0x01,
  0x04,
  0x6e,
  0x65,
  0x78,
  0x74,
  0x00,
  0x00, // export "next"
  0x0a,
  0x5f,
  0x01,
  0x5d,
  0x00, // code, no locals
  0x02,
  0x40,
  0x03,
  0x40,
  0x20,
  0x00,
  0x20,
  0x01,
  0x4f,
  0x0d,
  0x01,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x00,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x10,
  0xfd,
  0x50,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x20,
  0xfd,
  0x50,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x30,
  0xfd,
  0x50,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x40,
  0xfd,
  0x50,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x50,
  0xfd,
  0x50,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x60,
  0xfd,
  0x50,
  0x20,
  0x00,
  0xfd,
  0x00,
  0x04,
  0x70,
  0xfd,
  0x50,
  0xfd,
  0x53,
  0x0d,
  0x01,
  0x20,
  0x00,
  0x41,
  0x80,
  0x01,
  0x6a,
  0x21,
  0x00,
  0x0c,
  0x00,
  0x0b,
  0x0b,
  0x20,
  0x00,
  0x0b,
]);

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
