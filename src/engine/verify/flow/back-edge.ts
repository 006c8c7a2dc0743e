import type { FunctionWalk } from "../function-walk.ts";
import { at, FIELD } from "./flow-state.ts";
import type { Frame } from "./frame.ts";

/** The proof for all cycles through a loop header: what must lie on every path from it back to it. */
export function backEdge(walk: FunctionWalk, frame: Frame, state: number, waits: boolean): void {
  const states = walk.states;
  const { depth, loop } = frame;
  const has = (field: number): boolean => at(states, state + field) >= depth;
  // While fuel is below zero and every turn asks the host, there is no turn without its consent.
  if (!has(FIELD.charged) && !(waits && has(FIELD.checked))) walk.problem("a cycle without a charge");
  if (!has(FIELD.checked)) {
    if (!has(FIELD.bounded)) walk.problem("a cycle without a check");
    else if (!has(FIELD.indebted)) walk.problem("a cycle that compares the debt but does not charge it");
    else if (has(FIELD.flushed)) walk.problem("a cycle that flushes the debt and does not check the fuel");
  }
  const [openFrom, openTo] = [at(states, state + FIELD.openFrom), at(states, state + FIELD.openTo)];
  if (openFrom < depth && openTo >= depth) walk.problem("a cycle that charges the debt but does not compare it");
  if (at(states, state + FIELD.unproven) !== 0) walk.problem("a cycle with an unchecked charge of run-time size");
  if (at(states, state + FIELD.credit) < frame.credit && !waits) {
    walk.findings.undercharged.push({
      offset: walk.reader.start,
      units: frame.credit - at(states, state + FIELD.credit),
    });
  }
  if (at(states, state + FIELD.dirty) !== 0 && !walk.loops.dirty.has(loop)) {
    walk.loops.dirty.add(loop);
    walk.loops.again = true;
  }
  const run = at(states, state + FIELD.run);
  if (run > frame.run) {
    walk.loops.run.set(loop, run);
    walk.loops.again = true;
  }
  if (Math.min(openTo, depth - 1) > openFrom && !walk.loops.open.has(loop)) {
    walk.loops.open.add(loop);
    walk.loops.again = true;
  }
  const flushed = Math.min(at(states, state + FIELD.flushed), depth - 1);
  if (flushed > frame.flushed) {
    walk.loops.flushed.set(loop, flushed);
    walk.loops.again = true;
  }
}
