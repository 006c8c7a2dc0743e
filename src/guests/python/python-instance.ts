import type { FuelCell } from "../../engine/instance/fuel-gauge.ts";
import { suspendingCheck } from "../../engine/instance/suspending-check.ts";
import type { GuestState, StateImage } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import type { Linkage } from "./linker/linkage.ts";
import { SideLinker } from "./linker/side-linker.ts";
import type { SideModules } from "./linker/side-module.ts";
import { memoryFor } from "../memory-for.ts";
import type { PythonHost } from "./host/python-host.ts";
import { pythonImports, seal } from "./host/python-imports.ts";
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
  /** Undefined: the sandbox has no extension modules. */
  readonly linker: SideLinker | undefined;
}

/** What is linked to instances of a sandbox when its guest imports it. */
export interface Linkable {
  readonly sides: SideModules;
  readonly linkage: Linkage;
}

/** What an instance is made of. */
export interface PythonParts {
  readonly runtime: PythonRuntime;
  readonly host: PythonHost;
  /** What it is to be restored from: its memory may be as long as that one's. */
  readonly image: StateImage;
  readonly linkable?: Linkable | undefined;
  /** Called at every fuel slice. */
  readonly onCheck: () => void;
}

/** Makes an instance without blocking. */
export async function instantiatePython(parts: PythonParts): Promise<PythonInstance> {
  const wiring = wire(parts);
  return link(parts, wiring, await WebAssembly.instantiate(parts.runtime.module, wiring.imports));
}

/** The same at once. Throws where the platform forbids it for large modules (the main thread of some browsers). */
export function instantiatePythonSync(parts: PythonParts): PythonInstance {
  const wiring = wire(parts);
  return link(parts, wiring, new WebAssembly.Instance(parts.runtime.module, wiring.imports));
}

/** An instance's link to the gauge, and its imports. */
interface Wiring {
  readonly cell: FuelCell;
  readonly exhausted: () => number;
  readonly imports: WebAssembly.Imports;
}

function wire({ runtime, host, image, onCheck }: PythonParts): Wiring {
  const cell = host.gauge.cell(onCheck);
  const exhausted = host.yields ? suspendingCheck(cell) : cell.exhausted;
  const memory = memoryFor("Python", runtime.image, host.memoryLimit, image);
  return { cell, exhausted, imports: pythonImports(runtime.module, host, exhausted, memory) };
}

function link(
  { runtime, host, linkable }: PythonParts,
  { cell, exhausted }: Wiring,
  instance: WebAssembly.Instance,
): PythonInstance {
  const exports = instance.exports as unknown as PythonExports & WebAssembly.Exports;
  const { fuelExport, stackExport, stackLimit, stateGlobals } = runtime.facts;
  const stack = globalOf(instance, stackExport);
  const fuel = globalOf(instance, fuelExport);
  cell.attach(fuel, { global: stack, limit: stackLimit });
  const trampoline = linkTrampoline(runtime.trampoline, exports);
  if (trampoline.index !== runtime.facts.trampolineIndex) {
    throw new WardianError("asset", "Cannot start Python: image and interpreter do not belong together");
  }
  const globals = stateGlobals.map((name) => globalOf(instance, name));
  const absent = (name: string): WebAssembly.ImportValue => seal(host, "env", name);
  const linker =
    linkable === undefined
      ? undefined
      : new SideLinker(
          { linkage: linkable.linkage, exports, trampoline, exhausted, fuel, stack, absent },
          linkable.sides,
        );
  return { exports, cell, trampoline, linker, state: { memories: [exports.memory], globals } };
}

function globalOf({ exports }: WebAssembly.Instance, name: string): WebAssembly.Global<"i32"> {
  const global = exports[name];
  if (!(global instanceof WebAssembly.Global))
    throw new WardianError("asset", `Cannot start Python: the interpreter does not export the global "${name}"`);
  return global as WebAssembly.Global<"i32">;
}
