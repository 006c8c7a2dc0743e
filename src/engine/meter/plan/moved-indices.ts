import type { InstructionReader } from "../../binary/instruction-reader.ts";
import { OP } from "../../binary/opcodes.ts";
import { EDIT, type EditList } from "./edits.ts";
import type { Injection } from "../emit/injection.ts";

/** Adds the edit for an instruction that names a function or global whose index changes. */
export function editMovedIndex(edits: EditList, injection: Injection, reader: InstructionReader): void {
  const { op, index } = reader;
  if (op === OP.call || op === OP.returnCall || op === OP.refFunc) {
    if (index >= injection.module.functionTypes.length) reader.fail("function does not exist", reader.start);
    if (index === injection.exhausted) edits.add(EDIT.index, reader.indexStart, reader.indexEnd, injection.movedTo);
  } else if (op === OP.globalGet || op === OP.globalSet) {
    // The fuel global follows the module's own: without this check an invalid index would become a valid one.
    if (index >= injection.module.globals.length) reader.fail("global does not exist", reader.start);
    if (index >= injection.shiftedGlobals)
      edits.add(EDIT.index, reader.indexStart, reader.indexEnd, injection.globalIndex(index));
  }
}
