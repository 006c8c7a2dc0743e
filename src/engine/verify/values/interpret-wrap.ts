import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "./symbolic-stack.ts";

export function interpretWrap(walk: FunctionWalk): void {
  const stack = walk.stack;
  stack.pop();
  if (stack.kind === VALUE.local) {
    const exact = at(walk.states, FIELD.cappedLocal) === stack.local;
    stack.push(exact ? VALUE.local : VALUE.wrapped, 0, stack.local);
  } else stack.push(VALUE.unknown);
}
