import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";

/** Most units of work that are counted to. */
export const LARGEST_RUN: number = 2 ** 30;

export function work(walk: FunctionWalk, op: number): void {
  walk.findings.instructions++;
  burn(walk, walk.facts.cost(op));
}

/** Work that is done here. */
export function burn(walk: FunctionWalk, units: number): void {
  owe(walk, units);
  runUnchecked(walk, units, units);
}

/** Work that has to be paid here. */
export function owe(walk: FunctionWalk, units: number): void {
  walk.states[FIELD.credit] = Math.max(at(walk.states, FIELD.credit) - units, -0x4000_0000);
}

/** Unchecked work: `prefix` until the next check at most, `through` if there is none. */
export function runUnchecked(walk: FunctionWalk, prefix: number, through: number): void {
  const states = walk.states;
  const run = at(states, FIELD.run);
  walk.findings.longestRun = Math.max(walk.findings.longestRun, run + prefix);
  states[FIELD.run] = Math.min(run + through, LARGEST_RUN);
  if (at(states, FIELD.checked) >= 0) return;
  const since = at(states, FIELD.through);
  walk.findings.prefix = Math.max(walk.findings.prefix, since + prefix);
  states[FIELD.through] = Math.min(since + through, LARGEST_RUN);
}
