import type { PythonExports } from "./python-exports.ts";

interface TrampolineExports {
  readonly call: (...values: readonly number[]) => number;
  readonly signal: (handler: number, signal: number) => void;
}

/** The trampoline of one instance. */
export interface Trampoline {
  /** Its index in the interpreter's table: the same for every instance, and part of the image. */
  readonly index: number;
  /** Calls a C signal handler; a forged address is a trap. */
  readonly signal: (handler: number, signal: number) => void;
}

/**
 * Links the trampoline (see `runtimes/python/trampoline-module.ts`) to an instance: appends its function to the
 * interpreter's table.
 */
export function linkTrampoline(module: WebAssembly.Module, exports: PythonExports): Trampoline {
  const table = exports.__indirect_function_table;
  const instance = new WebAssembly.Instance(module, { env: { memory: exports.memory, table } });
  const { call, signal } = instance.exports as unknown as TrampolineExports;
  const index = table.grow(1);
  table.set(index, call);
  return { index, signal };
}
