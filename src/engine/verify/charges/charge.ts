import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";

/** Largest amount of a single charge: two of them and a slice can't wrap the i32. */
export const LARGEST_CHARGE: number = 2 ** 30;

export function charge(walk: FunctionWalk, units: number): void {
  if (units > 0) {
    walk.findings.charges++;
    walk.states[FIELD.charged] = walk.depth;
    walk.states[FIELD.credit] = Math.min(at(walk.states, FIELD.credit) + units, LARGEST_CHARGE);
  }
}
