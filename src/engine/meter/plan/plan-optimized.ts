import type { WasmModule } from "../../binary/module.ts";
import type { RewriteLimits } from "../../limits.ts";
import { CalleeCosts } from "../costs/callee-costs.ts";
import { orderCalls } from "../costs/call-order.ts";
import type { EditList, FunctionPlan } from "./edits.ts";
import { FunctionPlanner } from "./function-planner.ts";
import { payDebt, type Injection } from "../emit/injection.ts";
import { scanModule } from "../scan/scan-module.ts";

/**
 * Plans the default mode: few charge points, callers pay for callees, checks only where every cycle passes.
 *
 * `entered`: function indices that the host can call by name.
 */
export function planOptimized(
  module: WasmModule,
  injection: Injection,
  edits: EditList,
  limits: RewriteLimits,
  entered: Iterable<number>,
  limitStack: boolean,
): FunctionPlan[] {
  const scan = scanModule(module, limits);
  injection.guardSlowPath(scan.encodings);
  const exposed = module.addressTaken.slice(module.importedFunctions);
  for (const index of entered) {
    const defined = index - module.importedFunctions;
    if (defined >= 0) exposed[defined] = (exposed[defined] as number) | 2;
  }
  const order = orderCalls(scan, exposed, module.bodies);
  payDebt(injection);
  const costs = new CalleeCosts(order, exposed);
  const planner = new FunctionPlanner({ module, injection, edits, limits, scan, costs, limitStack });
  const plans: FunctionPlan[] = new Array<FunctionPlan>(exposed.length);
  for (const defined of order.order) plans[defined] = planner.plan(defined);
  return plans;
}
