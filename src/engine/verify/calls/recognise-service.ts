import { at, FIELD } from "../flow/flow-state.ts";
import { frameAt } from "../flow/open-frame.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "../values/symbolic-stack.ts";

/** Is this a function that charges for its parameter and hands it back, or cuts it? */
export function recogniseService(walk: FunctionWalk): void {
  const frame = frameAt(walk, 0);
  if (!walk.live || frame.reached || !walk.findings.keepsParameter) return;
  walk.stack.peek();
  const { kind, local, amount } = walk.stack;
  const state = walk.states;
  const type = walk.facts.module.types[walk.facts.module.functionTypes[walk.function] ?? -1];
  if (
    type?.kind !== "function" ||
    type.params.length !== 1 ||
    type.results.length !== 1 ||
    type.params[0] !== type.results[0]
  )
    return;
  if (at(state, FIELD.checked) < 0 || !walk.findings.leaf) return;
  if (kind === VALUE.local && local === 0 && at(state, FIELD.paidLocal) === 0) {
    walk.facts.sizers[walk.function] = at(state, FIELD.paidShift);
    walk.findings.service = true;
  }
  if (kind === VALUE.size && local === 0 && at(state, FIELD.charged) >= 0) {
    walk.facts.cutters[walk.function] = amount;
    walk.findings.service = true;
  }
}
