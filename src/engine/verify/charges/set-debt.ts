import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "../values/symbolic-stack.ts";
import { charge } from "./charge.ts";

/** `debt = debt + n` charges, `debt = 0` ends a flush; nothing else may happen to it. The new value was popped. */
export function setDebt(walk: FunctionWalk): void {
  const { kind, amount } = walk.stack;
  const states = walk.states;
  const lifted = kind === VALUE.constant && amount === 0 && !walk.owesReset && walk.stack.lift();
  walk.stack.forget(walk.debt);
  if (walk.facts.settlers[walk.function] === 1) walk.problem("a debt to settle is changed");
  if (kind === VALUE.debt && amount >= 0) {
    if (walk.owesReset) walk.problem("the debt is charged before its flush is done");
    charge(walk, amount);
    if (amount > 0) states[FIELD.indebted] = walk.depth;
    states[FIELD.dirty] = 1;
    states[FIELD.below] = -1;
    states[FIELD.entryBelow] = -1;
    const compared = at(states, FIELD.resettled);
    states[FIELD.openTo] = compared < walk.depth ? walk.depth : -1;
    states[FIELD.openFrom] = compared;
  } else if (kind === VALUE.constant && amount === 0) {
    if (walk.owesReset || lifted) {
      states[FIELD.resettled] = walk.depth;
      states[FIELD.openTo] = -1;
    } else if (at(states, FIELD.dirty) !== 0) walk.problem("the debt is forgotten");
    walk.owesReset = false;
    states[FIELD.dirty] = 0;
    states[FIELD.below] = 1;
  } else walk.problem("the debt is set to something else than more debt");
}
