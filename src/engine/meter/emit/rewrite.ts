import type { WasmModule } from "../../binary/module.ts";
import type { RewriteLimits } from "../../limits.ts";
import type { StoreCaps } from "../caps.ts";
import type { ExportItem } from "../export-list.ts";
import type { EditList, FunctionPlan } from "../plan/edits.ts";
import type { Injection } from "./injection.ts";

/** Everything that decides the bytes of the result. */
export interface Rewrite {
  readonly module: WasmModule;
  readonly injection: Injection;
  readonly edits: EditList;
  readonly plans: readonly FunctionPlan[];
  readonly caps: StoreCaps;
  readonly fuelImport: { readonly module: string; readonly name: string } | undefined;
  readonly stackImport: { readonly module: string; readonly name: string } | undefined;
  readonly stackLimit: number | undefined;
  readonly removeStart: boolean;
  readonly exports: readonly ExportItem[];
  readonly branchHints: boolean;
  readonly limits: RewriteLimits;
}
