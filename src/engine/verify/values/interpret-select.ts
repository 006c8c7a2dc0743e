import { LARGEST_CHARGE } from "../charges/charge.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { isSecret, VALUE } from "./symbolic-stack.ts";

/** `select(c, x, x > c)` is the smaller of both. */
export function interpretSelect(walk: FunctionWalk): void {
  const stack = walk.stack;
  stack.pop();
  const { kind, amount, local } = stack;
  stack.pop();
  const { kind: elseKind, local: elseLocal } = stack;
  stack.pop();
  if (isSecret(kind) || isSecret(elseKind) || isSecret(stack.kind))
    walk.problem("fuel, debt or the host's answer escapes");
  const isLocal = (elseKind === VALUE.local || elseKind === VALUE.wrapped) && elseLocal === local;
  if (
    kind === VALUE.above &&
    isLocal &&
    stack.kind === VALUE.constant &&
    stack.amount === amount &&
    amount >= 0 &&
    amount <= LARGEST_CHARGE
  ) {
    stack.push(VALUE.size, amount, local);
  } else stack.push(VALUE.unknown);
}
