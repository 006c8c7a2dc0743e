import type { FunctionWalk } from "../function-walk.ts";

export function forget(walk: FunctionWalk): void {
  if (walk.stack.clear()) walk.problem("fuel, debt or the host's answer escapes");
}
