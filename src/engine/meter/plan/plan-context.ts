import { InstructionReader } from "../../binary/instruction-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import type { RewriteLimits } from "../../limits.ts";
import type { CalleeCosts } from "../costs/callee-costs.ts";
import type { Injection } from "../emit/injection.ts";
import type { ModuleScan } from "../scan/module-scan.ts";
import type { EditList } from "./edits.ts";
import { Walk } from "./walk.ts";

/** What planning a module is about. */
export interface PlanInput {
  readonly module: WasmModule;
  readonly injection: Injection;
  readonly edits: EditList;
  readonly limits: RewriteLimits;
  readonly scan: ModuleScan;
  readonly costs: CalleeCosts;
  /** Whether the depth of calls is limited. */
  readonly limitStack: boolean;
}

/** The same, with the reader and the walk that all parts of the planner share. */
export interface PlanContext extends PlanInput {
  readonly reader: InstructionReader;
  readonly walk: Walk;
}

export function planContext(input: PlanInput): PlanContext {
  const { module, limits, edits } = input;
  const reader = new InstructionReader(module.bytes, 0, 0, limits.branchTargets);
  reader.types = module.types.length;
  return { ...input, reader, walk: new Walk(reader, edits) };
}
