import type { FunctionWalk } from "../function-walk.ts";
import { backEdge } from "./back-edge.ts";
import { KIND } from "./frame.ts";
import { joinInto } from "./join-into.ts";
import { labelState } from "./open-frame.ts";

export function branchTo(walk: FunctionWalk, target: number, state: number, waits = false): void {
  const frame = walk.frames[target];
  if (frame === undefined || target > walk.top || target < 0) {
    walk.problem("a branch leaves the function");
    return;
  }
  if (frame.kind === KIND.loop) {
    backEdge(walk, frame, state, waits);
    return;
  }
  joinInto(walk, labelState(target), state, frame.depth, frame.reached);
  frame.reached = true;
}
