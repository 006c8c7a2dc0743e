import { WardianError } from "../../errors.ts";
import type { WasmModule } from "../binary/module.ts";
import type { MeterOptions } from "./options.ts";

/** Largest maximum for each memory (in its pages) and table; undefined: leave as it is. */
export interface StoreCaps {
  memory(index: number): number | undefined;
  table(index: number): number | undefined;
}

export const DEFAULT_TABLE_MAX_ELEMENTS = 1_000_000;

/** @throws WardianError `module-too-large` if a memory or table already begins above its cap. */
export function storeCaps(module: WasmModule, options: MeterOptions): StoreCaps {
  const { memoryMaxBytes, tableMaxElements } = options;
  const caps: StoreCaps = {
    memory: (index) => {
      const memory = module.memories[index];
      return memoryMaxBytes === undefined || memory === undefined
        ? undefined
        : Math.floor(memoryMaxBytes / 2 ** memory.pageSizeLog2);
    },
    table: (index) => tableMaxElements ?? (index < module.importedTables ? undefined : DEFAULT_TABLE_MAX_ELEMENTS),
  };
  module.memories.forEach((memory, index) => check("memory", index, memory.minimum, caps.memory(index), "pages"));
  module.tables.forEach((table, index) => check("table", index, table.minimum, caps.table(index), "elements"));
  return caps;
}

export function cappedMaximum(
  store: { readonly maximum: number | undefined },
  cap: number | undefined,
): number | undefined {
  if (cap === undefined) return store.maximum;
  return store.maximum === undefined ? cap : Math.min(store.maximum, cap);
}

function check(kind: string, index: number, minimum: number, cap: number | undefined, unit: string): void {
  if (cap !== undefined && minimum > cap) {
    throw new WardianError(
      "module-too-large",
      `Cannot meter module: ${kind} ${index} begins with ${minimum} ${unit}, at most ${cap} allowed`,
    );
  }
}
