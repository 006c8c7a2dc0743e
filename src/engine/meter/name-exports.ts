import { WardianError } from "../../errors.ts";
import type { ExternalKind, WasmModule } from "../binary/module.ts";
import type { Injection } from "./emit/injection.ts";
import { ExportList, type ExportItem } from "./export-list.ts";
import type { MeteredModule } from "./metered-module.ts";
import type { ExportRequest, MeterOptions } from "./options.ts";

export interface NamedExports {
  readonly exports: readonly ExportItem[];
  readonly result: Omit<MeteredModule, "bytes" | "import" | "description" | "prepaid">;
}

/** Names everything that the result exports: what is kept, what was asked for, and what the rewrite adds itself. */
export function nameExports(module: WasmModule, injection: Injection, options: MeterOptions): NamedExports {
  const list = new ExportList();
  const keep = keeper(options.keepExports);
  for (const { name, kind, index } of module.exports) if (keep(name)) list.add({ name, kind, index });
  const { added, state } =
    options.addExports === "state"
      ? addState(list, module)
      : { added: addRequested(list, module, options.addExports ?? []), state: NO_STATE };
  const fuelExport = list.add({ name: list.unique("wardian.fuel"), kind: "global", index: injection.fuel, raw: true });
  const startExport =
    options.start === "export" && module.start !== undefined
      ? list.add({ name: list.unique("wardian.start"), kind: "function", index: module.start })
      : undefined;
  const stackExport =
    options.stackLimit === undefined
      ? undefined
      : list.add({ name: list.unique("wardian.stack"), kind: "global", index: injection.stack, raw: true });
  return {
    exports: list.items,
    result: {
      fuelExport,
      ...(startExport === undefined ? {} : { startExport }),
      ...(stackExport === undefined ? {} : { stackExport }),
      added,
      state,
    },
  };
}

const NO_STATE: MeteredModule["state"] = { globals: [], memories: [], tables: [] };

function keeper(keepExports: MeterOptions["keepExports"]): (name: string) => boolean {
  if (keepExports === undefined) return () => true;
  return typeof keepExports === "function" ? keepExports : (name) => keepExports.includes(name);
}

/** More functions than that would make instances slow to link; their snapshots are refused if a table has changed. */
const MAX_LOOSE = 20_000;

/** Adds whatever a snapshot has to hold and has no export yet. */
function addState(list: ExportList, module: WasmModule): Pick<MeteredModule, "added" | "state"> {
  const known = new Map(list.items.map(({ name, kind, index }) => [`${kind} ${index}`, name]));
  const added: ExportItem[] = [];
  const reach = (kind: ExternalKind, index: number): string => {
    const present = known.get(`${kind} ${index}`);
    if (present !== undefined) return present;
    const item = { name: list.unique(`wardian.${kind}.${index}`), kind, index };
    added.push(item);
    return list.add(item);
  };
  const mutable = module.globals.flatMap((global, index) => (global.mutable ? [index] : []));
  const state = {
    globals: mutable.map((index) => reach("global", index)),
    memories: module.memories.map((_, index) => reach("memory", index)),
    tables: module.tables.map((_, index) => reach("table", index)),
  };
  // What a table or a global may come to hold has to have a name, for a snapshot to say what it was.
  if (module.looseFunctions.size <= MAX_LOOSE) for (const index of module.looseFunctions) reach("function", index);
  return { added, state };
}

function addRequested(list: ExportList, module: WasmModule, requests: readonly ExportRequest[]): ExportItem[] {
  const sizes = {
    function: module.functionTypes.length,
    table: module.tables.length,
    memory: module.memories.length,
    global: module.globals.length,
    tag: module.tags.length,
  };
  return requests.map(({ kind, index, name }) => {
    if (!(index >= 0 && index < sizes[kind]))
      throw new WardianError("invalid-option", `Cannot meter module: there is no ${kind} ${index} to export`);
    const item = { name: name ?? list.unique(`wardian.${kind}.${index}`), kind, index };
    list.add(item);
    return item;
  });
}
