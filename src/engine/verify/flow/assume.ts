import { check } from "../charges/check.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "../values/symbolic-stack.ts";
import { at, FIELD } from "./flow-state.ts";

/** What follows for a state from a condition being true or false. */
export function assume(
  walk: FunctionWalk,
  state: number,
  kind: number,
  amount: number,
  local: number,
  holds: boolean,
): void {
  const states = walk.states;
  const depth = walk.depth;
  const reached = kind === VALUE.debtReached ? holds : !holds;
  switch (kind) {
    case VALUE.fuelBelow:
      if (!holds && amount >= 0) check(walk, state);
      return;
    case VALUE.fuelReached:
      if (holds && amount >= 0) check(walk, state);
      return;
    case VALUE.answer:
      // The guest has trapped if the answer was not zero.
      if (!holds) check(walk, state);
      return;
    case VALUE.above:
      if (holds || amount > 0x7fff_ffff || amount < 0) return;
      states[state + FIELD.cappedLocal] = local;
      states[state + FIELD.cap] = amount;
      return;
    case VALUE.debtReached:
    case VALUE.debtBelow:
      walk.findings.debtLimit = Math.max(walk.findings.debtLimit, amount);
      if (!reached) {
        states[state + FIELD.bounded] = depth;
        states[state + FIELD.resettled] = depth;
        states[state + FIELD.openTo] = -1;
        states[state + FIELD.below] = amount;
        states[state + FIELD.run] = 0;
        states[state + FIELD.through] = 0;
        return;
      }
      // The debt was below its limit when the loop was entered, and was not charged since the header: so this is not
      // the first turn, and what every turn has to prove has happened since the header of the loop around.
      if (at(states, state + FIELD.entryBelow) >= 0 && at(states, state + FIELD.entryBelow) <= amount) {
        for (const field of [FIELD.bounded, FIELD.indebted, FIELD.charged, FIELD.resettled]) {
          states[state + field] = Math.max(at(states, state + field), depth - 1);
        }
      }
      return;
    default:
  }
}

/** Conditions that only injected code has: the guest doesn't pay for them. */
export function isCondition(kind: number): boolean {
  return kind >= VALUE.fuelBelow && kind <= VALUE.debtBelow;
}
