import type { Decoding } from "../decoding.ts";
import { readConstant } from "./read-constant.ts";

export function readElementSegment(decoding: Decoding): void {
  const { reader } = decoding;
  const at = reader.position;
  const flags = reader.u32();
  if (flags > 7) reader.fail("malformed element segment", at);
  const active = (flags & 1) === 0;
  const explicit = (flags & 2) !== 0;
  const expressions = (flags & 4) !== 0;
  if (active && explicit) reader.u32();
  if (active) readConstant(decoding);
  if (explicit || !active) {
    if (expressions) reader.valueType();
    else if (reader.byte() !== 0) reader.fail("unknown element kind", reader.position - 1);
  }
  decoding.placing = active;
  for (let count = reader.u32(); count > 0; count--) {
    if (expressions) readConstant(decoding);
    else {
      const start = reader.position;
      decoding.functionReference(start, reader.u32(), true);
    }
  }
  decoding.placing = false;
}

export function readDataSegment(decoding: Decoding): void {
  const { reader } = decoding;
  const at = reader.position;
  const flags = reader.u32();
  if (flags > 2) reader.fail("malformed data segment", at);
  if (flags === 2) reader.u32();
  if (flags !== 1) readConstant(decoding);
  const length = reader.u32();
  reader.skip(length);
  decoding.dataLengths.push(length);
}
