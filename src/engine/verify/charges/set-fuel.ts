import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { FROM_DEBT, FROM_LIFTED, FROM_SIZE, VALUE } from "../values/symbolic-stack.ts";
import { charge } from "./charge.ts";

export function setFuel(walk: FunctionWalk): void {
  const stack = walk.stack;
  const states = walk.states;
  stack.pop();
  walk.counterState = walk.counterState === "ahead" ? "equal" : "stale";
  if (stack.kind !== VALUE.fuel) {
    walk.problem("fuel is set to something else than less fuel");
    return;
  }
  charge(walk, stack.amount);
  if ((stack.local & FROM_DEBT) !== 0) {
    if (walk.facts.settlers[walk.function] === 1) walk.findings.settled = walk.top === 0;
    else walk.owesReset = true;
  }
  if ((stack.local & (FROM_DEBT | FROM_LIFTED)) !== 0) states[FIELD.flushed] = walk.depth;
  if ((stack.local & FROM_SIZE) !== 0) {
    if (at(states, FIELD.unproven) !== 0) walk.problem("two charges of run-time size without a check between them");
    states[FIELD.unproven] = 1;
    states[FIELD.paidLocal] = stack.shift >> 8;
    states[FIELD.paidShift] = (stack.shift << 24) >> 24;
  }
}
