import type { FunctionWalk } from "../function-walk.ts";
import { FIELDS } from "./flow-state.ts";
import type { Frame } from "./frame.ts";

export function openFrame(walk: FunctionWalk, kind: number): Frame {
  walk.top++;
  let frame = walk.frames[walk.top];
  if (frame === undefined) {
    frame = {
      kind,
      depth: 0,
      dead: false,
      reached: false,
      second: false,
      catchAll: false,
      outerTry: -1,
      loop: 0,
      credit: 0,
      run: 0,
      flushed: -1,
      constant: undefined,
      checks: false,
      entries: 0,
      count: 0,
    };
    walk.frames.push(frame);
  }
  frame.kind = kind;
  frame.depth = walk.depth;
  frame.dead = !walk.live;
  frame.reached = false;
  frame.second = false;
  frame.catchAll = false;
  frame.constant = undefined;
  frame.checks = false;
  frame.outerTry = walk.innerTry;
  const needed = (walk.top + 3) * 2 * FIELDS;
  if (needed > walk.states.length) {
    const grown = new Int32Array(needed * 2);
    grown.set(walk.states);
    walk.states = grown;
  }
  return frame;
}

export function frameAt(walk: FunctionWalk, index: number): Frame {
  return walk.frames[index] as Frame;
}

export function labelState(frame: number): number {
  return (2 + frame * 2) * FIELDS;
}

export function secondState(frame: number): number {
  return (3 + frame * 2) * FIELDS;
}

/** For a branch that is taken under a condition. Above the open frames. */
export function scratchState(walk: FunctionWalk): number {
  return labelState(walk.top + 1);
}
