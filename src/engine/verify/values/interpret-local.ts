import { setDebt } from "../charges/set-debt.ts";
import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { isSecret, VALUE } from "./symbolic-stack.ts";

/** Sizes in locals that are followed at a time. */
const MAX_SIZES = 4;

export function localGet(walk: FunctionWalk, local: number): void {
  if (local === walk.debt) {
    walk.stack.push(VALUE.debt, 0, local);
    return;
  }
  if (local === walk.counter) {
    if (walk.counterState !== "equal") walk.problem("fuel escapes through a local");
    walk.stack.push(VALUE.fuel, 0, 0);
    return;
  }
  const size = walk.sizes.get(local);
  if (size === undefined) walk.stack.push(VALUE.local, 0, local);
  else walk.stack.push(VALUE.size, size.amount, size.local, size.shift);
}

export function localSet(walk: FunctionWalk, local: number): void {
  const stack = walk.stack;
  stack.pop();
  if (local === walk.debt) {
    setDebt(walk);
    return;
  }
  if (isSecret(stack.kind)) {
    walk.problem("fuel, debt or the host's answer escapes into a local");
  }
  if (local === walk.counter) walk.problem("the counter is set without a charge");
  const { kind, amount, local: source, shift } = stack;
  overwrite(walk, local);
  if (kind === VALUE.size && source !== local && walk.sizes.size < MAX_SIZES)
    walk.sizes.set(local, { amount, local: source, shift });
}

export function localTee(walk: FunctionWalk, local: number): void {
  const stack = walk.stack;
  if (local === walk.debt) {
    stack.pop();
    setDebt(walk);
    stack.push(VALUE.debt, 0, local);
    return;
  }
  stack.peek();
  if (local === walk.counter) {
    if (stack.kind !== VALUE.fuel) walk.problem("the counter holds something else than fuel");
    walk.counterState = stack.amount === 0 && stack.local === 0 ? "equal" : "ahead";
    return;
  }
  const { kind, amount } = stack;
  localSet(walk, local);
  if (kind === VALUE.constant) stack.push(kind, amount);
  else stack.push(VALUE.local, 0, local);
}

function overwrite(walk: FunctionWalk, local: number): void {
  if (local === 0) walk.findings.keepsParameter = false;
  walk.stack.forget(local);
  walk.sizes.delete(local);
  for (const [key, size] of walk.sizes) if (size.local === local) walk.sizes.delete(key);
  if (at(walk.states, FIELD.paidLocal) === local) walk.states[FIELD.paidLocal] = -1;
  if (at(walk.states, FIELD.cappedLocal) === local) walk.states[FIELD.cappedLocal] = -1;
}
