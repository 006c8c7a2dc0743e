import type { FunctionWalk } from "../function-walk.ts";
import { at, FIELD } from "./flow-state.ts";
import { joinInto } from "./join-into.ts";
import { frameAt, secondState } from "./open-frame.ts";

/** An exception may leave from here. */
export function throwPoint(walk: FunctionWalk): void {
  throwTo(walk, walk.innerTry, 0);
}

export function throwTo(walk: FunctionWalk, target: number, state: number): void {
  const states = walk.states;
  if (target >= 0) {
    const frame = frameAt(walk, target);
    joinInto(walk, secondState(target), state, frame.depth, frame.second);
    frame.second = true;
    return;
  }
  if (walk.facts.exceptions && at(states, state + FIELD.dirty) !== 0)
    walk.problem("an exception may leave the debt unpaid");
}
