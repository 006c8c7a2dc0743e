import { OP } from "../../binary/opcodes.ts";
import { at, FIELD } from "../flow/flow-state.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { forget } from "../values/forget.ts";
import { VALUE } from "../values/symbolic-stack.ts";
import { leastShift } from "../weights.ts";
import { burn, work } from "./work.ts";

/** Longest run of a bulk memory operation between two checks, in bytes or elements. */
const LARGEST_CHUNK = 2 ** 22;

export function interpretSized(walk: FunctionWalk, op: number): void {
  const stack = walk.stack;
  const states = walk.states;
  const least = leastShift(op);
  stack.peek();
  const { kind, amount, local, shift } = stack;
  const bulk = op !== OP.memoryGrow && (op & 0xff000) === 0xfc000;
  if (kind === VALUE.constant && amount >>> 0 <= LARGEST_CHUNK) {
    burn(walk, Math.floor((amount >>> 0) * 2 ** least));
  } else if (kind === VALUE.paid && shift >= least) {
    walk.findings.service = true;
  } else if (kind === VALUE.local && at(states, FIELD.paidLocal) === local && at(states, FIELD.paidShift) >= least) {
    walk.findings.service = true;
    const cap = at(states, FIELD.cappedLocal) === local ? at(states, FIELD.cap) : Number.POSITIVE_INFINITY;
    if (bulk && cap > LARGEST_CHUNK) walk.problem("a bulk operation may run long without a check");
    states[FIELD.paidLocal] = -1;
  } else if (walk.facts.module.bytes[walk.reader.position] !== OP.unreachable) {
    walk.problem("an operation of run-time size is not charged by its size");
  }
  if (at(states, FIELD.unproven) !== 0)
    walk.problem("an operation of run-time size stands before the check of its charge");
  forget(walk);
  work(walk, op);
}
