import type { PythonHost } from "./host/python-host.ts";
import type { PythonExports } from "./python-exports.ts";

interface TrampolineExports {
  readonly call: (...values: readonly number[]) => number;
  readonly signal: (handler: number, signal: number) => void;
}

/**
 * Links the trampoline (see `runtimes/python/trampoline-module.ts`) to an instance: appends its function to the
 * interpreter's table. Returns the index, which is the same for every instance and is part of the image.
 */
export function linkTrampoline(trampoline: WebAssembly.Module, exports: PythonExports, host: PythonHost): number {
  const table = exports.__indirect_function_table;
  const instance = new WebAssembly.Instance(trampoline, { env: { memory: exports.memory, table } });
  const { call, signal } = instance.exports as unknown as TrampolineExports;
  const index = table.grow(1);
  table.set(index, call);
  host.callSignalHandler = signal;
  return index;
}
