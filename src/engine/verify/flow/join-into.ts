import type { FunctionWalk } from "../function-walk.ts";
import { copyState, FIELDS, joinState, leaveLoops } from "./flow-state.ts";

/** Joins a copy of `state`, seen from loop depth `depth`, into another one. */
export function joinInto(walk: FunctionWalk, into: number, state: number, depth: number, reached: boolean): void {
  const states = walk.states;
  if (!reached) {
    copyState(states, into, state);
    leaveLoops(states, into, depth);
    return;
  }
  const scratch = FIELDS;
  copyState(states, scratch, state);
  leaveLoops(states, scratch, depth);
  joinState(states, into, scratch);
}
