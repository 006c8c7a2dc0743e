import type { WasmModule } from "../binary/module.ts";
import type { CallGraph } from "./call-graph.ts";
import { IMPORTED, INDIRECT } from "./module-facts.ts";
import type { FunctionScan } from "./scan-functions.ts";

/**
 * Adds the calls that are made through tables and imports.
 *
 * An import may be another module's function that calls an export of this one, and a host may put an export into a
 * table that it shares: exports count as reachable by reference wherever there is a way for them to come back.
 */
export function reachByReference(module: WasmModule, scan: FunctionScan, graph: CallGraph): void {
  const shared = module.importedTables > 0 || module.exports.some(({ kind }) => kind === "table");
  for (const { kind, index } of module.exports) {
    if (kind !== "function" || index < module.importedFunctions) continue;
    graph.reach(IMPORTED, index);
    if (shared) graph.reach(INDIRECT, index);
  }
  for (let index = module.importedFunctions; index < module.functionTypes.length; index++) {
    if (scan.addressTaken[index] !== 1) continue;
    graph.reach(INDIRECT, index);
    if (shared) graph.reach(IMPORTED, index);
  }
  // A table may hold imports.
  if (module.importedFunctions > 0 || shared) graph.reach(INDIRECT, IMPORTED);
}
