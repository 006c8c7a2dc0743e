import { OP } from "../../binary/opcodes.ts";
import { LARGEST_CHARGE } from "../charges/charge.ts";
import { work } from "../charges/work.ts";
import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { FROM_DEBT, FROM_LIFTED, FROM_SIZE, isSecret, VALUE } from "./symbolic-stack.ts";

/** Largest limit of a debt. */
const LARGEST_DEBT = 2 ** 24;

export function interpretBinary(walk: FunctionWalk, op: number): void {
  const stack = walk.stack;
  stack.pop();
  const { kind, amount, local, shift } = stack;
  stack.pop();
  if (stack.kind === VALUE.fuel && fuelBinary(walk, op, kind, amount, local, shift)) return;
  if (stack.kind === VALUE.debt && kind === VALUE.constant && debtBinary(walk, op, stack.amount, amount)) return;
  if (
    kind === VALUE.debt &&
    stack.kind === VALUE.constant &&
    op === OP.i32Add &&
    debtBinary(walk, op, amount, stack.amount)
  )
    return;
  if (isSecret(kind) || isSecret(stack.kind)) walk.problem("fuel, debt or the host's answer escapes");
  work(walk, op);
  if (kind === VALUE.constant) sizeBinary(walk, op, amount);
  else stack.push(VALUE.unknown);
}

/** The left operand (in the stack's fields) is fuel. */
function fuelBinary(
  walk: FunctionWalk,
  op: number,
  kind: number,
  amount: number,
  local: number,
  shift: number,
): boolean {
  const stack = walk.stack;
  const { amount: charged, local: flags, shift: source } = stack;
  if (op === OP.i32Sub) {
    if (kind === VALUE.constant && amount >= 0 && charged + amount <= LARGEST_CHARGE)
      stack.push(VALUE.fuel, charged + amount, flags, source);
    else if (kind === VALUE.debt && (flags & FROM_DEBT) === 0)
      stack.push(VALUE.fuel, charged + amount, flags | FROM_DEBT, source);
    else if (kind === VALUE.lifted && (flags & FROM_LIFTED) === 0)
      stack.push(VALUE.fuel, charged, flags | FROM_LIFTED, source);
    else if (kind === VALUE.size && (flags & FROM_SIZE) === 0)
      stack.push(VALUE.fuel, charged, flags | FROM_SIZE, (local << 8) | (shift & 0xff));
    else return false;
    return true;
  }
  if (op === OP.i32Add && kind === VALUE.constant && amount <= 0 && charged - amount <= LARGEST_CHARGE) {
    stack.push(VALUE.fuel, charged - amount, flags, source);
    return true;
  }
  if (kind !== VALUE.constant || charged !== 0 || flags !== 0) return false;
  if (op === OP.i32LtS) stack.push(VALUE.fuelBelow, amount);
  else if (op === OP.i32GeS) stack.push(VALUE.fuelReached, amount);
  else return false;
  return true;
}

function debtBinary(walk: FunctionWalk, op: number, amount: number, constant: number): boolean {
  const stack = walk.stack;
  const limit = constant - amount;
  if (op === OP.i32Add && constant >= 0 && amount + constant <= LARGEST_DEBT)
    stack.push(VALUE.debt, amount + constant, walk.debt);
  else if (limit <= 0 || limit > LARGEST_DEBT) return false;
  else if (op === OP.i32GeS || op === OP.i32GeU) stack.push(VALUE.debtReached, limit);
  else if (op === OP.i32GtU) stack.push(VALUE.debtReached, limit + 1);
  else if (op === OP.i32LtS || op === OP.i32LtU) stack.push(VALUE.debtBelow, limit);
  else return false;
  return true;
}

/** The left operand is in the stack's fields, the right one is a constant. */
function sizeBinary(walk: FunctionWalk, op: number, constant: number): void {
  const stack = walk.stack;
  const { kind, local } = stack;
  if ((op === OP.i32GtU || op === OP.i64GtU) && kind === VALUE.local) {
    stack.push(VALUE.above, constant, local);
    return;
  }
  const capped = kind === VALUE.local && at(walk.states, FIELD.cappedLocal) === local;
  const largest = kind === VALUE.size ? stack.amount : capped ? at(walk.states, FIELD.cap) : 0xffff_ffff;
  const before = kind === VALUE.size ? stack.shift : 0;
  const by = constant & 31;
  const known = kind === VALUE.local || kind === VALUE.size;
  if (known && op === 0x74 && largest * 2 ** by <= LARGEST_CHARGE)
    stack.push(VALUE.size, largest * 2 ** by, local, before + by);
  else if (known && op === OP.i32ShrU && Math.floor(largest / 2 ** by) <= LARGEST_CHARGE) {
    stack.push(VALUE.size, Math.floor(largest / 2 ** by), local, before - by);
  } else stack.push(VALUE.unknown);
}
