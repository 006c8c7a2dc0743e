import type { PythonExports } from "./python-exports.ts";

interface TrampolineExports {
  readonly call: (...values: readonly number[]) => number;
  readonly raise: (error: number) => number;
  readonly signal: (handler: number, signal: number) => void;
}

/** The trampoline of one instance. */
export interface Trampoline {
  /** Its index in the interpreter's table: the same for every instance, and part of the image. */
  readonly index: number;
  /** Index of a function that raises the exception class it gets: for pending calls. */
  readonly raiseIndex: number;
  /** Calls a C signal handler; a forged address is a trap. */
  readonly signal: (handler: number, signal: number) => void;
}

/**
 * Links the trampoline (see `runtimes/python/trampoline-module.ts`) to an instance: appends its functions to the
 * interpreter's table.
 */
export function linkTrampoline(module: WebAssembly.Module, exports: PythonExports): Trampoline {
  const table = exports.__indirect_function_table;
  const instance = new WebAssembly.Instance(module, {
    env: { memory: exports.memory, table, PyErr_SetNone: exports.PyErr_SetNone },
  });
  const { call, raise, signal } = instance.exports as unknown as TrampolineExports;
  const index = table.grow(2);
  table.set(index, call);
  table.set(index + 1, raise);
  return { index, raiseIndex: index + 1, signal };
}
