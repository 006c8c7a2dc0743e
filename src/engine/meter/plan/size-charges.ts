import type { InstructionReader } from "../../binary/instruction-reader.ts";
import { OP } from "../../binary/opcodes.ts";
import { bulkCopy, bulkFill, memoryInit } from "../emit/bulk/bulk-operations.ts";
import { memoryStore, tableStore } from "../emit/bulk/bulk-store.ts";
import {
  arrayCount,
  memoryGrowCount,
  tableGrowCount,
  tableInitCount,
  waitTimeout,
} from "../emit/bulk/size-counters.ts";
import { EDIT, type EditList } from "./edits.ts";
import type { Injection } from "../emit/injection.ts";

/**
 * Adds the edit that charges the current instruction by its run-time size, if it has one: see `isSized`.
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
      edits.add(EDIT.call, start, position, bulkFill(injection, memoryStore(injection, index)));
      return;
    case OP.memoryCopy:
      edits.add(
        EDIT.call,
        start,
        position,
        bulkCopy(injection, memoryStore(injection, index), memoryStore(injection, second)),
      );
      return;
    case OP.memoryInit:
      edits.add(EDIT.call, start, position, memoryInit(injection, index, second));
      return;
    case OP.tableFill:
      edits.add(EDIT.call, start, position, bulkFill(injection, tableStore(injection, index)));
      return;
    case OP.tableCopy:
      edits.add(
        EDIT.call,
        start,
        position,
        bulkCopy(injection, tableStore(injection, index), tableStore(injection, second)),
      );
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
