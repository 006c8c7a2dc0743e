import type { FunctionWalk } from "../function-walk.ts";
import { forget } from "../values/forget.ts";

/** Where control may come or go, nothing on the stack and no half-done flush may be left. */
export function boundary(walk: FunctionWalk, mayOwe = false): void {
  forget(walk);
  walk.sizes.clear();
  walk.counterState = "stale";
  if (walk.owesReset && !mayOwe) {
    walk.problem("the debt was flushed and not cleared");
    walk.owesReset = false;
  }
}
