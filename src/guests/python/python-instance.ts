import type { FuelCell } from "../../engine/instance/fuel-gauge.ts";
import { suspendingCheck } from "../../engine/instance/suspending-check.ts";
import type { GuestState, StateImage } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import { memoryFor } from "../memory-for.ts";
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

/** What instances are made of. */
export interface PythonParts {
  readonly runtime: PythonRuntime;
  readonly host: PythonHost;
  /** What it is to be restored from: its memory may be as long as that one's. */
  readonly image: StateImage;
  /** Called at every fuel slice. */
  readonly onCheck: () => void;
}

/** Makes an instance without blocking. */
export async function instantiatePython(parts: PythonParts): Promise<PythonInstance> {
  const cell = parts.host.gauge.cell(parts.onCheck);
  const { module } = parts.runtime;
  return link(parts.runtime, cell, await WebAssembly.instantiate(module, importsOf(parts, cell)));
}

/** The same at once. Throws where the platform forbids it for large modules (the main thread of some browsers). */
export function instantiatePythonSync(parts: PythonParts): PythonInstance {
  const cell = parts.host.gauge.cell(parts.onCheck);
  return link(parts.runtime, cell, new WebAssembly.Instance(parts.runtime.module, importsOf(parts, cell)));
}

function importsOf({ runtime, host, image }: PythonParts, cell: FuelCell): WebAssembly.Imports {
  const exhausted = host.yields ? suspendingCheck(cell) : cell.exhausted;
  return pythonImports(runtime.module, host, exhausted, memoryFor("Python", runtime.image, host.memoryLimit, image));
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
