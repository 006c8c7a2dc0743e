import type { FuelCell, FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import type { GuestState } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import { CORE_MODULES } from "./artefacts.ts";
import type { Artefacts, CoreModuleName } from "./artefacts.ts";
import type { ComponentExports, ComponentImports } from "#runtimes/javascript";

/** Handles into the glue's own tables, which outlive a restore: putting them back would leak the open ones. */
const KEPT_GLOBALS: ReadonlySet<string> = new Set(["stdout", "stderr", "refused"]);

/** A live component: exports, the state that a snapshot holds, and the ends that the host keeps in its hand. */
export interface ComponentInstance {
  readonly exports: ComponentExports;
  readonly memory: WebAssembly.Memory;
  readonly state: GuestState;
  /** What the guest has of its memory. The memory itself may be larger, from before a restore. */
  memoryBytes(): number;
  /** How often the guest was refused more memory, since instantiation. */
  refusals(): number;
  /** Calls the modules' start functions: once, at boot. An image holds what they did. */
  runStart(): void;
  /** Lets go of the fuel gauge. */
  release(): void;
}

const PAGE_BYTES = 65_536;

/** Stands for the component's memory module, whose part the host plays itself. */
const MEMORY_MODULE = Object.freeze({}) as WebAssembly.Module;

/**
 * Links the metered core modules to a gauge, the host's imports and a memory that nothing else uses and that may grow to
 * `maximumBytes`. Runs no guest code.
 */
export function instantiateComponent(
  artefacts: Pick<Artefacts, "glue" | "file" | "modules">,
  imports: ComponentImports,
  fuel: FuelGauge,
  memory: WebAssembly.Memory,
  maximumBytes: number,
): ComponentInstance {
  const cells: FuelCell[] = [];
  const starts: (() => void)[] = [];
  const globals: WebAssembly.Global[] = [];
  const found = new Map<string, WebAssembly.Global>();
  const names = new Map<WebAssembly.Module, CoreModuleName>(
    CORE_MODULES.map((name) => [artefacts.modules[name], name]),
  );

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

  function instantiateCore(module: WebAssembly.Module, given: WebAssembly.Imports): WebAssembly.Instance {
    if (module === MEMORY_MODULE) return { exports: { memory, grant } };
    const name = names.get(module);
    if (name === undefined) throw new WardianError("internal", "Cannot link the JavaScript guest: unknown core module");
    const metered = artefacts.file.modules[name];
    const cell = fuel.cell();
    const instance = new WebAssembly.Instance(module, { ...given, wardian: { exhausted: cell.exhausted } });
    const { exports } = instance;
    const stack = metered.stackExport === undefined ? undefined : globalOf(exports, metered.stackExport);
    cell.attach(globalOf(exports, metered.fuelExport), stack && { global: stack, limit: artefacts.file.stackLimit });
    cells.push(cell);
    if (metered.startExport !== undefined) starts.push(functionOf(exports, metered.startExport));
    for (const global of metered.globals) {
      const value = globalOf(exports, global);
      found.set(`${name}.${global}`, value);
      if (name !== "adapter" || !KEPT_GLOBALS.has(global)) globals.push(value);
    }
    return instance;
  }

  const exports = artefacts.glue.instantiate(moduleNamed, imports, instantiateCore);
  const refused = found.get("adapter.refused");
  const pages = found.get("adapter.pages");
  if (refused === undefined || pages === undefined)
    throw new WardianError("asset", "Cannot link the JavaScript guest: the adapter does not count refusals or pages");
  return {
    exports,
    memory,
    state: { memories: [memory], globals },
    memoryBytes: () => Number(pages.value) * PAGE_BYTES,
    refusals: () => Number(refused.value),
    runStart: () => {
      for (const start of starts) start();
    },
    release: () => {
      for (const cell of cells) cell.release();
    },
  };
}

function globalOf(exports: WebAssembly.Exports, name: string): WebAssembly.Global<"i32"> {
  const value = exports[name];
  if (!(value instanceof WebAssembly.Global))
    throw new WardianError("asset", `Cannot link the JavaScript guest: "${name}" is not an exported global`);
  return value as WebAssembly.Global<"i32">;
}

function functionOf(exports: WebAssembly.Exports, name: string): () => void {
  const value = exports[name];
  if (typeof value !== "function")
    throw new WardianError("asset", `Cannot link the JavaScript guest: "${name}" is not an exported function`);
  return value as () => void;
}
