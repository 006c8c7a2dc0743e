import type { FuelCell, FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { suspendingCheck } from "../../engine/instance/suspending-check.ts";
import type { GuestState } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import { CORE_MODULES } from "./artefacts.ts";
import type { Artefacts } from "./artefacts.ts";
import { directImports } from "./direct-lowering.ts";
import type { Realloc } from "./direct-lowering.ts";
import type { ComponentExports, ComponentImports } from "#runtimes/javascript";

/** Handles into the glue's own tables, which outlive a restore: putting them back would leak the open ones. */
const KEPT_GLOBALS: ReadonlySet<string> = new Set(["stdout", "stderr", "refused"]);

/** A live component: exports, the state that a snapshot holds, and the ends that the host keeps in its hand. */
export interface ComponentInstance {
  /** Of an instance that yields only `turnYielding` may be called. */
  readonly exports: ComponentExports;
  readonly turnYielding: (kind: number, text: Uint8Array) => Promise<Uint8Array>;
  readonly memory: WebAssembly.Memory;
  readonly state: GuestState;
  /** What the guest has of its memory. The memory itself may be larger, from before a restore. */
  memoryBytes(): number;
  /** How often the guest was refused more memory, since instantiation. */
  refusals(): number;
  /** Calls the modules' start functions: once, at boot. An image holds what they did. */
  runStart(): void;
  /** Whether all the memory that the image brought along is granted to the engine, as it was where the image was made. */
  wholeMemory(): boolean;
  /** Has `Math.random` seeded at the next start of a run: an image's set-up code may have used it. */
  unseed(): void;
  /** Gives `Math.random` another state, of 8 bytes. */
  seedRandom(state: Uint8Array): void;
  /** Lets go of the fuel gauge. */
  release(): void;
}

const PAGE_BYTES = 65_536;

/** Stands for the component's memory module, whose part the host plays itself. */
const MEMORY_MODULE = Object.freeze({}) as WebAssembly.Module;

/**
 * Links the metered core modules to a gauge, the host's imports and a memory that nothing else uses and that may grow to
 * `maximumBytes`. Runs no guest code. With `yields` the glue must be the one whose `turn` can be suspended.
 */
export function instantiateComponent(
  artefacts: Pick<Artefacts, "glue" | "file" | "modules">,
  imports: ComponentImports,
  fuel: FuelGauge,
  memory: WebAssembly.Memory,
  maximumBytes: number,
  yields = false,
): ComponentInstance {
  const cells: FuelCell[] = [];
  const starts: (() => void)[] = [];
  const globals: WebAssembly.Global[] = [];
  const adapterGlobals = new Map<string, WebAssembly.Global>();
  let allocate: Realloc | undefined;

  function moduleNamed(file: string): WebAssembly.Module {
    if (file === "component.core.wasm") return MEMORY_MODULE;
    const name = CORE_MODULES[Number(/^component\.core(\d+)\.wasm$/.exec(file)?.[1]) - 2];
    if (name === undefined) throw new WardianError("asset", `Cannot link the JavaScript guest: no module "${file}"`);
    return artefacts.modules[name];
  }

  /**
   * Charges as `memory.grow` would, whether the pages are new or left from before a restore: the guest must not be able to
   * tell, nor its count of fuel.
   */
  function grant(have: number, need: number): number {
    if (need * PAGE_BYTES > maximumBytes || !fuel.charge((need - have) * PAGE_BYTES)) return 0;
    const missing = need - memory.buffer.byteLength / PAGE_BYTES;
    try {
      if (missing > 0) memory.grow(missing);
      return 1;
    } catch {
      return 0; // The host has no more.
    }
  }

  const direct = directImports(memory, imports, fuel, (...block) => allocate?.(...block) ?? 0);

  function instantiateCore(module: WebAssembly.Module, given: WebAssembly.Imports): WebAssembly.Instance {
    if (module === MEMORY_MODULE) return { exports: { memory, grant } };
    const name = CORE_MODULES.find((candidate) => artefacts.modules[candidate] === module);
    if (name === undefined) throw new WardianError("internal", "Cannot link the JavaScript guest: unknown core module");
    const metered = artefacts.file.modules[name];
    const cell = fuel.cell();
    const lowered = name === "adapter" ? { host: { ...guardGlue(given["host"], fuel), ...direct } } : {};
    const instance = new WebAssembly.Instance(module, {
      ...given,
      ...lowered,
      wardian: { exhausted: yields ? suspendingCheck(cell) : cell.exhausted },
    });
    const exports = yields ? withoutPauses(instance.exports, fuel) : instance.exports;
    if (name === "allocator") allocate = functionOf(exports, "cabi_realloc") as Realloc;
    const stack = metered.stackExport === undefined ? undefined : globalOf(exports, metered.stackExport);
    cell.attach(globalOf(exports, metered.fuelExport), stack && { global: stack, limit: artefacts.file.stackLimit });
    cells.push(cell);
    if (metered.startExport !== undefined) starts.push(functionOf(exports, metered.startExport));
    for (const global of metered.globals) {
      const value = globalOf(exports, global);
      if (name === "adapter") adapterGlobals.set(global, value);
      if (name !== "adapter" || !KEPT_GLOBALS.has(global)) globals.push(value);
    }
    return { exports };
  }

  const exports = artefacts.glue.instantiate(moduleNamed, imports, instantiateCore);
  const refused = adapterGlobals.get("refused");
  const pages = adapterGlobals.get("pages");
  const randomState = adapterGlobals.get("random-state");
  const seeded = adapterGlobals.get("seeded");
  if (refused === undefined || pages === undefined || randomState === undefined || seeded === undefined)
    throw new WardianError("asset", "Cannot link the JavaScript guest: the adapter lacks a global that the host reads");
  return {
    exports,
    turnYielding: exports.turn as unknown as ComponentInstance["turnYielding"],
    memory,
    state: { memories: [memory], globals },
    memoryBytes: () => Number(pages.value) * PAGE_BYTES,
    refusals: () => Number(refused.value),
    wholeMemory: () => Number(pages.value) * PAGE_BYTES === memory.buffer.byteLength,
    unseed: () => {
      seeded.value = 0;
    },
    seedRandom: (bytes) => {
      // The address comes out of an image, which may be a forged snapshot's.
      const address = Number(randomState.value) >>> 0;
      if (address + bytes.length > memory.buffer.byteLength) return;
      new Uint8Array(memory.buffer, address, bytes.length).set(bytes);
    },
    runStart: () => {
      for (const start of starts) start();
    },
    release: () => {
      for (const cell of cells) cell.release();
    },
  };
}

/**
 * The glue throws where the canonical ABI traps, such as for a handle that was never given. The guest must not see that as
 * an exception: it ends, as by a trap of its own.
 */
function guardGlue(imports: WebAssembly.ModuleImports = {}, fuel: FuelGauge): WebAssembly.ModuleImports {
  const guarded = Object.entries(imports).map(([name, value]): [string, WebAssembly.ImportValue] => {
    if (typeof value !== "function") return [name, value];
    const call = value as (...values: readonly unknown[]) => unknown;
    return [
      name,
      (...values: readonly unknown[]) => {
        try {
          return call(...values);
        } catch {
          fuel.stop({ kind: "trap", message: `a call of "${name}" names what the guest was not given` });
          return undefined;
        }
      },
    ];
  });
  return Object.fromEntries(guarded);
}

function globalOf(exports: WebAssembly.Exports, name: string): WebAssembly.Global<"i32"> {
  const value = exports[name];
  if (!(value instanceof WebAssembly.Global))
    throw new WardianError("asset", `Cannot link the JavaScript guest: "${name}" is not an exported global`);
  return value as WebAssembly.Global<"i32">;
}

function functionOf(exports: WebAssembly.Exports, name: string): (...values: number[]) => unknown {
  const value = exports[name];
  if (typeof value !== "function")
    throw new WardianError("asset", `Cannot link the JavaScript guest: "${name}" is not an exported function`);
  return value as (...values: number[]) => unknown;
}

/** What JavaScript calls of the guest with the guest on the stack below: no pause may be in there. */
const CALLED_BY_GLUE: readonly string[] = ["cabi_realloc", "turn-done"];

function withoutPauses(exports: WebAssembly.Exports, fuel: FuelGauge): WebAssembly.Exports {
  const wrapped: Record<string, WebAssembly.ExportValue> = { ...exports };
  for (const name of CALLED_BY_GLUE) {
    if (!(name in exports)) continue;
    const call = functionOf(exports, name);
    wrapped[name] = (...values: number[]) => fuel.withoutPause(() => call(...values));
  }
  return wrapped;
}
