import { OP } from "../../binary/opcodes.ts";

/** Whether the work of an instruction depends on a size that is only known at run time. */
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
