import { OP } from "../binary/opcodes.ts";

/**
 * The least that an instruction has to be charged with: 1, or 0 for what compiled code doesn't contain.
 *
 * Deliberately not the meter's own table: a mistake there must not hide here. Callers that want to verify against the
 * meter's exact costs pass them as an option.
 */
export function leastCost(op: number): number {
  return op < FREE.length && FREE[op] === 1 ? 0 : op === OP.v128Const ? 0 : 1;
}

const FREE = new Uint8Array(256);
for (const op of [
  OP.unreachable,
  OP.nop,
  OP.block,
  OP.loop,
  OP.else,
  OP.end,
  OP.br,
  OP.return,
  OP.drop,
  OP.try,
  OP.tryTable,
  OP.catch,
  OP.catchAll,
  OP.delegate,
  OP.localGet,
  OP.localSet,
  OP.localTee,
  OP.i32Const,
  OP.i64Const,
  OP.f32Const,
  OP.f64Const,
  OP.refNull,
  OP.refFunc,
]) {
  FREE[op] = 1;
}

/** Whether the work of an instruction depends on a length that is on top of the stack. */
export function isSized(op: number): boolean {
  switch (op) {
    case OP.memoryGrow:
    case OP.memoryInit:
    case OP.memoryCopy:
    case OP.memoryFill:
    case OP.tableInit:
    case OP.tableCopy:
    case OP.tableGrow:
    case OP.tableFill:
    case OP.arrayNew:
    case OP.arrayNewDefault:
    case OP.arrayNewData:
    case OP.arrayNewElem:
    case OP.arrayFill:
    case OP.arrayCopy:
    case OP.arrayInitData:
    case OP.arrayInitElem:
      return true;
    default:
      return false;
  }
}

/** log2 of the units that each byte, element or page has to be charged with at least. */
export function leastShift(op: number): number {
  switch (op) {
    case OP.memoryGrow:
      return 10;
    case OP.memoryInit:
    case OP.memoryCopy:
    case OP.memoryFill:
      return -2;
    default:
      return 0;
  }
}
