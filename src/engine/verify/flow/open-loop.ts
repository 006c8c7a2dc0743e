import type { FunctionWalk } from "../function-walk.ts";
import { at, FIELD } from "./flow-state.ts";
import { KIND } from "./frame.ts";
import { openFrame } from "./open-frame.ts";

/** What a loop's back edge usually brings: taken for granted, to read fewer functions twice. */
const USUAL_RUN = 2_000;

export function openLoop(walk: FunctionWalk): void {
  walk.depth++;
  const frame = openFrame(walk, KIND.loop);
  frame.loop = walk.findings.loops++;
  if (!walk.live) return;
  const states = walk.states;
  frame.credit = at(states, FIELD.credit);
  states[FIELD.entryBelow] = at(states, FIELD.below);
  states[FIELD.below] = -1;
  states[FIELD.paidLocal] = -1;
  states[FIELD.cappedLocal] = -1;
  if (walk.loops.dirty.has(frame.loop)) states[FIELD.dirty] = 1;
  const run = Math.max(USUAL_RUN, walk.loops.run.get(frame.loop) ?? 0);
  frame.run = Math.max(at(states, FIELD.run), run);
  states[FIELD.run] = frame.run;
  if (walk.loops.open.has(frame.loop)) {
    states[FIELD.openTo] = walk.depth - 1;
    states[FIELD.openFrom] = -1;
  }
  frame.flushed = Math.max(at(states, FIELD.flushed), walk.loops.flushed.get(frame.loop) ?? -1);
  states[FIELD.flushed] = frame.flushed;
}
