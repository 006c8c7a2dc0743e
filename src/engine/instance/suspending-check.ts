import type { FuelCell } from "./fuel-gauge.ts";

/** JavaScript Promise Integration (https://webassembly.github.io/js-promise-integration). */
interface StackSwitching {
  readonly Suspending: new (imported: () => Promise<number>) => WebAssembly.ImportValue;
  readonly promising: <A extends readonly number[]>(
    exported: (...args: A) => number,
  ) => (...args: A) => Promise<number>;
}

/** Whether this engine can suspend a guest in the middle of its work. Looked at, not derived from a version. */
export function canSuspend(): boolean {
  const { Suspending, promising } = WebAssembly as Partial<StackSwitching>;
  return typeof Suspending === "function" && typeof promising === "function";
}

/** `WebAssembly.promising`: calls of the result return promises, and what they enter may be suspended. */
export function promising<A extends readonly number[]>(
  exported: (...args: A) => number,
): (...args: A) => Promise<number> {
  return (WebAssembly as unknown as StackSwitching).promising(exported);
}

/**
 * The meter's import for a module that may be suspended: asks the gauge, and only when a pause is due goes through the
 * import that suspends, since that one must not be called with JavaScript on the stack below and costs more.
 */
export function suspendingCheck(cell: Pick<FuelCell, "exhaustedOrDue" | "pause">): () => number {
  const { Suspending } = WebAssembly as unknown as StackSwitching;
  compiled ??= new WebAssembly.Module(MODULE);
  const { exports } = new WebAssembly.Instance(compiled, {
    gauge: { check: cell.exhaustedOrDue, pause: new Suspending(cell.pause) },
  });
  return exports["exhausted"] as () => number;
}

/** What `exhaustedOrDue` answers for "go on, behind a pause". */
export const DUE = 2;

let compiled: WebAssembly.Module | undefined;

/**
 * ```wat
 * (module
 *   (import "gauge" "check" (func $check (result i32)))
 *   (import "gauge" "pause" (func $pause (result i32)))
 *   (func (export "exhausted") (result i32) (local i32)
 *     (if (result i32) (i32.eq (local.tee 0 (call $check)) (i32.const 2))
 *       (then (call $pause))
 *       (else (local.get 0)))))
 * ```
 *
 * By line: header, types, imports, functions and exports, code.
 */
const MODULE = hexadecimal(`
  00 61 73 6d 01 00 00 00
  01 05 01 60 00 01 7f
  02 1d 02 05 67 61 75 67 65 05 63 68 65 63 6b 00 00 05 67 61 75 67 65 05 70 61 75 73 65 00 00
  03 02 01 00 07 0d 01 09 65 78 68 61 75 73 74 65 64 00 02
  0a 15 01 13 01 01 7f 10 00 22 00 41 02 46 04 7f 10 01 05 20 00 0b 0b
`);

function hexadecimal(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16));
}
