import { OP } from "../binary/opcodes.ts";
import { interpretCall } from "./calls/interpret-call.ts";
import { interpretSized } from "./charges/interpret-sized.ts";
import { setFuel } from "./charges/set-fuel.ts";
import { burn, work } from "./charges/work.ts";
import { interpretBranch } from "./flow/interpret-branch.ts";
import { interpretStructure } from "./flow/interpret-structure.ts";
import type { FunctionWalk } from "./function-walk.ts";
import { forget } from "./values/forget.ts";
import { interpretBinary } from "./values/interpret-binary.ts";
import { localGet, localSet, localTee } from "./values/interpret-local.ts";
import { interpretSelect } from "./values/interpret-select.ts";
import { interpretWrap } from "./values/interpret-wrap.ts";
import { isSecret, VALUE } from "./values/symbolic-stack.ts";
import { isSized } from "./weights.ts";

/** Longest atomic wait in nanoseconds. */
const LONGEST_WAIT = 10_000_000;

export function interpretInstruction(walk: FunctionWalk, op: number): void {
  if (!walk.live && !isStructure(op)) return;
  switch (op) {
    case OP.i32Const:
      walk.stack.push(VALUE.constant, walk.reader.index);
      return;
    case OP.i64Const:
      walk.stack.push(VALUE.constant, i64Constant(walk));
      return;
    case OP.localGet:
      localGet(walk, walk.reader.index);
      return;
    case OP.localSet:
      localSet(walk, walk.reader.index);
      return;
    case OP.localTee:
      localTee(walk, walk.reader.index);
      return;
    case OP.globalGet:
      if (walk.reader.index === walk.facts.fuel) {
        walk.stack.push(VALUE.fuel, 0, 0);
        return;
      }
      walk.stack.push(VALUE.unknown);
      work(walk, op);
      return;
    case OP.globalSet:
      if (walk.reader.index === walk.facts.fuel) setFuel(walk);
      else interpretPlain(walk, op);
      return;
    case OP.i32Sub:
    case OP.i32Add:
    case 0x74: // i32.shl
    case OP.i32ShrU:
    case OP.i32LtS:
    case OP.i32GeS:
    case OP.i32LtU:
    case OP.i32GeU:
    case OP.i32GtU:
    case OP.i64GtU:
      interpretBinary(walk, op);
      return;
    case OP.i32WrapI64:
      interpretWrap(walk);
      work(walk, op);
      return;
    case OP.select:
      interpretSelect(walk);
      work(walk, op);
      return;
    case OP.drop:
      walk.stack.pop();
      if (isSecret(walk.stack.kind)) walk.problem("fuel, debt or the host's answer is dropped");
      return;
    case OP.nop:
      return;
    case OP.block:
    case OP.loop:
    case OP.if:
    case OP.try:
    case OP.tryTable:
    case OP.else:
    case OP.catch:
    case OP.catchAll:
    case OP.delegate:
    case OP.end:
      interpretStructure(walk, op);
      return;
    default:
      if (isBranch(op)) interpretBranch(walk, op);
      else if (isCall(op)) interpretCall(walk, op);
      else if (isSized(op)) interpretSized(walk, op);
      else interpretPlain(walk, op);
  }
}

/** An instruction that is not followed. */
function interpretPlain(walk: FunctionWalk, op: number): void {
  if (op === OP.atomicWait32 || op === OP.atomicWait64) {
    walk.stack.peek();
    if (walk.stack.kind !== VALUE.size || walk.stack.amount > LONGEST_WAIT)
      walk.problem("an atomic wait may block without bound");
  }
  if (op === OP.arrayNewFixed) burn(walk, walk.reader.second);
  forget(walk);
  work(walk, op);
}

function i64Constant(walk: FunctionWalk): number {
  const { bytes, start, position } = walk.reader;
  let value = 0;
  let scale = 1;
  for (let i = start + 1; i < position; i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80 && (byte & 0x40) !== 0) value -= scale;
  }
  return value;
}

function isStructure(op: number): boolean {
  return (
    (op >= OP.block && op <= OP.catch) ||
    op === OP.end ||
    op === OP.delegate ||
    op === OP.catchAll ||
    op === OP.tryTable
  );
}

function isBranch(op: number): boolean {
  return (
    (op >= OP.br && op <= OP.return) ||
    op === OP.unreachable ||
    op === OP.throw ||
    op === OP.rethrow ||
    op === OP.throwRef ||
    op === OP.brOnNull ||
    op === OP.brOnNonNull ||
    op === OP.brOnCast ||
    op === OP.brOnCastFail
  );
}

function isCall(op: number): boolean {
  return op >= OP.call && op <= OP.returnCallRef;
}
