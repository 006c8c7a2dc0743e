import { meter } from "../../engine/index.ts";
import type { MeteredModule } from "../../engine/index.ts";
import { readComponent } from "../../engine/component/read-component.ts";
import type { ComponentDescription } from "../../engine/component/read-component.ts";
import { replaceModules } from "../../engine/component/replace-modules.ts";
import { twinIndex, twinModule } from "../../engine/component/twin-module.ts";
import { inspect } from "../../engine/inspect.ts";
import { WardianError } from "../../errors.ts";
import type { GuestContext } from "../guest.ts";
import { ModuleCache } from "../module/module-cache.ts";
import { STACK_LIMIT } from "../module/prepare-module.ts";
import { generateGlue } from "./generate-glue.ts";
import type { ComponentGlue } from "./generate-glue.ts";

/** A core module of a component, metered and compiled. */
export interface ComponentModule {
  readonly module: WebAssembly.Module;
  readonly metered: Omit<MeteredModule, "bytes">;
}

/** A component that is ready to be instantiated. Shared by the sandboxes of a process. */
export interface PreparedComponent {
  readonly description: ComponentDescription;
  readonly glue: ComponentGlue;
  /** By the file names that the glue asks for. */
  readonly modules: ReadonlyMap<string, ComponentModule>;
  readonly byteLength: number;
  /** How deep calls may get in each module: bytes of native stack as the meter estimates them. */
  readonly stackLimit: number;
}

/** The fuel global that all modules of a component share. */
export const FUEL_IMPORT = { module: "wardian", name: "fuel" } as const;

const prepared = new ModuleCache<PreparedComponent>();

/** Reads, meters and compiles a component, once in a process for the same bytes and limits. */
export async function loadComponent(
  bytes: Uint8Array<ArrayBuffer>,
  context: Pick<GuestContext, "digest" | "evaluate" | "memoryBytes">,
  stackLimit: number = STACK_LIMIT,
): Promise<PreparedComponent> {
  const digest = await context.digest(bytes);
  return await prepared.get(`${digest} ${context.memoryBytes} ${stackLimit}`, () =>
    prepare(bytes, context, stackLimit),
  );
}

async function prepare(
  bytes: Uint8Array<ArrayBuffer>,
  { evaluate, memoryBytes }: Pick<GuestContext, "evaluate" | "memoryBytes">,
  stackLimit: number,
): Promise<PreparedComponent> {
  const description = readComponent(bytes);
  let count = 0;
  // jco sees twins without code: it can't stumble over instructions, and there is less to read.
  const twin = replaceModules(bytes, (module) => twinModule(module, count++));
  const { glue, coreModules } = await generateGlue(twin, evaluate);
  const originals = new Map(
    [...coreModules].map(([file, core]) => [file, originalOf(core, description.modules)] as const),
  );
  const memoryMaxBytes = shareOf(memoryBytes, originals.values());
  const modules = new Map<string, ComponentModule>();
  let byteLength = 0;
  for (const [file, core] of originals) {
    const { bytes: rewritten, ...metered } = meter(core, {
      memoryMaxBytes,
      stackLimit,
      fuelImport: FUEL_IMPORT,
      addExports: "state",
      start: "export",
    });
    modules.set(file, { module: await compile(rewritten), metered });
    byteLength += rewritten.length;
  }
  return { description, glue, modules, byteLength, stackLimit };
}

/** What a file of jco's stands for: a module of the component's, or one that jco made to join components. */
function originalOf(core: Uint8Array, modules: ComponentDescription["modules"]): Uint8Array {
  const index = twinIndex(core);
  if (index === undefined) return core;
  const original = modules[index];
  if (original === undefined) throw new WardianError("internal", `Cannot load the component: no core module ${index}`);
  return original.bytes;
}

const PAGE_BYTES = 65_536;

/** The cap is one for the whole guest: each of its memories gets an equal part. */
function shareOf(memoryBytes: number, modules: Iterable<Uint8Array>): number {
  let memories = 0;
  for (const bytes of modules) for (const memory of inspect(bytes).memories) if (!memory.imported) memories += 1;
  return Math.floor(memoryBytes / Math.max(1, memories) / PAGE_BYTES) * PAGE_BYTES;
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new WardianError("invalid-module", "Cannot load the component: this engine does not accept a core module", {
      cause,
    });
  }
}
