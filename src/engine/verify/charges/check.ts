import { FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";

/** Fuel was found enough, or the host was asked. */
export function check(walk: FunctionWalk, state: number): void {
  const states = walk.states;
  walk.findings.checks++;
  states[state + FIELD.checked] = walk.depth;
  states[state + FIELD.bounded] = walk.depth;
  states[state + FIELD.indebted] = walk.depth;
  states[state + FIELD.flushed] = -1;
  states[state + FIELD.unproven] = 0;
  states[state + FIELD.run] = 0;
}

/** The function that was called has checked. */
export function checkedBelow(walk: FunctionWalk): void {
  check(walk, 0);
  walk.findings.checks--;
}
