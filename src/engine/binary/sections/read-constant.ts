import type { Decoding } from "../decoding.ts";
import { OP } from "../opcodes.ts";

/** Reads a constant expression up to and with its `end`, and notes the functions and globals that it names. */
export function readConstant(decoding: Decoding): void {
  const { reader, instructions: code } = decoding;
  code.reset(reader.position, reader.end);
  while (code.next()) {
    if (code.op === OP.end) {
      reader.position = code.position;
      return;
    }
    if (code.op === OP.globalGet) decoding.globalReferences.push(code.indexStart, code.indexEnd, code.index);
    else if (code.op === OP.refFunc) {
      reader.position = code.indexEnd;
      decoding.functionReference(code.indexStart, code.index, true);
    } else if (code.op < OP.i32Const && code.op !== OP.nop) reader.fail("instruction is not constant", code.start);
  }
  reader.fail("constant expression has no end");
}
