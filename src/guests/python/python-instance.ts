import type { FuelCell } from "../../engine/instance/fuel-gauge.ts";
import { suspendingCheck } from "../../engine/instance/suspending-check.ts";
import type { GuestState } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import type { PythonHost } from "./host/python-host.ts";
import { pythonImports } from "./host/python-imports.ts";
import type { PythonExports } from "./python-exports.ts";
import type { PythonRuntime } from "./python-runtime.ts";
import { linkTrampoline } from "./trampoline.ts";
import type { Trampoline } from "./trampoline.ts";

/** One instance of the interpreter: still without the image's contents, and not yet the one that the host's calls act on. */
export interface PythonInstance {
  readonly exports: PythonExports;
  readonly state: GuestState;
  readonly cell: FuelCell;
  readonly trampoline: Trampoline;
}

/** Makes an instance without blocking; `onCheck` is called at every fuel slice. */
export async function instantiatePython(
  runtime: PythonRuntime,
  host: PythonHost,
  onCheck: () => void,
): Promise<PythonInstance> {
  const cell = host.gauge.cell(onCheck);
  return link(runtime, cell, await WebAssembly.instantiate(runtime.module, importsOf(runtime, host, cell)));
}

/** The same at once. Throws where the platform forbids it for large modules (the main thread of some browsers). */
export function instantiatePythonSync(runtime: PythonRuntime, host: PythonHost, onCheck: () => void): PythonInstance {
  const cell = host.gauge.cell(onCheck);
  return link(runtime, cell, new WebAssembly.Instance(runtime.module, importsOf(runtime, host, cell)));
}

function importsOf(runtime: PythonRuntime, host: PythonHost, cell: FuelCell): WebAssembly.Imports {
  return pythonImports(runtime.module, host, host.yields ? suspendingCheck(cell) : cell.exhausted);
}

function link(runtime: PythonRuntime, cell: FuelCell, instance: WebAssembly.Instance): PythonInstance {
  const exports = instance.exports as unknown as PythonExports;
  const { fuelExport, stackExport, stackLimit, stateGlobals } = runtime.facts;
  const global = globalOf(instance, stackExport);
  cell.attach(globalOf(instance, fuelExport), { global, limit: stackLimit });
  const trampoline = linkTrampoline(runtime.trampoline, exports);
  if (trampoline.index !== runtime.facts.trampolineIndex) {
    throw new WardianError("asset", "Cannot start Python: image and interpreter do not belong together");
  }
  const globals = stateGlobals.map((name) => globalOf(instance, name));
  return { exports, cell, trampoline, state: { memories: [exports.memory], globals } };
}

function globalOf({ exports }: WebAssembly.Instance, name: string): WebAssembly.Global<"i32"> {
  const global = exports[name];
  if (!(global instanceof WebAssembly.Global))
    throw new WardianError("asset", `Cannot start Python: the interpreter does not export the global "${name}"`);
  return global as WebAssembly.Global<"i32">;
}
