import type { InstructionReader } from "../../binary/instruction-reader.ts";
import { OP } from "../../binary/opcodes.ts";
import {
  arrayCount,
  memoryCopy,
  memoryFill,
  memoryGrowCount,
  memoryInit,
  tableCopy,
  tableFill,
  tableGrowCount,
  tableInitCount,
  waitTimeout,
} from "../emit/bulk-helpers.ts";
import { EDIT, type EditList } from "./edits.ts";
import type { Injection } from "../emit/injection.ts";

/**
 * Adds the edit that charges the current instruction by its run-time size, if it has one.
 *
 * Indices that don't exist are passed on: the engine refuses the result.
 */
export function editSized(edits: EditList, injection: Injection, reader: InstructionReader): void {
  const { op, start, position, index, second } = reader;
  switch (op) {
    case OP.memoryGrow:
      edits.add(EDIT.call, start, start, memoryGrowCount(injection, index));
      return;
    case OP.memoryFill:
      edits.add(EDIT.call, start, position, memoryFill(injection, index));
      return;
    case OP.memoryCopy:
      edits.add(EDIT.call, start, position, memoryCopy(injection, index, second));
      return;
    case OP.memoryInit:
      edits.add(EDIT.call, start, position, memoryInit(injection, index, second));
      return;
    case OP.tableFill:
      edits.add(EDIT.call, start, position, tableFill(injection, index));
      return;
    case OP.tableCopy:
      edits.add(EDIT.call, start, position, tableCopy(injection, index, second));
      return;
    case OP.tableInit:
      edits.add(EDIT.call, start, start, tableInitCount(injection));
      return;
    case OP.tableGrow:
      edits.add(EDIT.call, start, start, tableGrowCount(injection, index));
      return;
    case OP.arrayNew:
    case OP.arrayNewDefault:
    case OP.arrayNewData:
    case OP.arrayNewElem:
    case OP.arrayFill:
    case OP.arrayCopy:
    case OP.arrayInitData:
    case OP.arrayInitElem:
      edits.add(EDIT.call, start, start, arrayCount(injection));
      return;
    case OP.atomicWait32:
    case OP.atomicWait64:
      edits.add(EDIT.call, start, start, waitTimeout(injection));
      return;
    default:
  }
}

/** Whether {@link editSized} has an edit for an opcode. */
export function isSized(op: number): boolean {
  return (
    op === OP.memoryGrow ||
    (op >= OP.memoryInit && op <= OP.tableFill && op !== OP.dataDrop && op !== OP.elemDrop && op !== OP.tableSize) ||
    (op >= OP.arrayNew && op <= OP.arrayNewElem && op !== OP.arrayNewFixed) ||
    (op >= OP.arrayFill && op <= OP.arrayInitElem) ||
    op === OP.atomicWait32 ||
    op === OP.atomicWait64
  );
}
