import type { PythonExports } from "./python-exports.ts";

interface TrampolineExports {
  readonly call: (...values: readonly number[]) => number;
  readonly raise: (error: number) => number;
  readonly signal: (handler: number, signal: number) => void;
  /** Who calls the functions behind the interpreter's own, by their place; see `setCaller`. */
  readonly callers: WebAssembly.Table;
  readonly call0: () => number;
  readonly call1: () => number;
  readonly call2: () => number;
  readonly call3: () => number;
  readonly refuse: () => number;
}

/** The trampoline of one instance. */
export interface Trampoline {
  /** Its index in the interpreter's table: the same for every instance, and part of the image. */
  readonly index: number;
  /** Index of a function that raises the exception class it gets: for pending calls. */
  readonly raiseIndex: number;
  /** Calls a C signal handler; a forged address is a trap. */
  readonly signal: (handler: number, signal: number) => void;
  /** Says with how many arguments a function is called that a linker has put at `index` of the table; with more than 3 or -1 it is not. */
  readonly setCaller: (index: number, count: number) => void;
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
  const { call, raise, signal, callers, call0, call1, call2, call3, refuse } =
    instance.exports as unknown as TrampolineExports;
  const index = table.grow(2);
  table.set(index, call);
  table.set(index + 1, raise);
  const byCount = [call0, call1, call2, call3];
  const setCaller = (place: number, count: number): void => {
    const entry = place - index;
    if (entry >= callers.length) callers.grow(entry + 1 - callers.length, refuse);
    callers.set(entry, byCount[count] ?? refuse);
  };
  return { index, raiseIndex: index + 1, signal, setCaller };
}
