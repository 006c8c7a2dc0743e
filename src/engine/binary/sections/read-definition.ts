import type { Decoding } from "../decoding.ts";
import { readConstant } from "./read-constant.ts";
import { readGlobalType, readTableType } from "./read-store-type.ts";

export function readTable(decoding: Decoding): void {
  const { reader, tables } = decoding;
  if (reader.bytes[reader.position] !== 0x40) {
    tables.push(readTableType(reader));
    return;
  }
  reader.position++;
  if (reader.byte() !== 0) reader.fail("malformed table", reader.position - 1);
  tables.push(readTableType(reader));
  readConstant(decoding);
}

export function readGlobal(decoding: Decoding): void {
  decoding.globals.push(readGlobalType(decoding.reader));
  readConstant(decoding);
}

/** Notes where each of `count` function bodies stands. */
export function readBodies(decoding: Decoding, count: number): void {
  const { reader, limits } = decoding;
  const bodies = new Uint32Array(count * 2);
  for (let entry = 0; entry < count; entry++) {
    const at = reader.position;
    const size = reader.u32();
    if (size > limits.bodyBytes) reader.tooLarge("size of a function body", size, limits.bodyBytes);
    if (size < 2) reader.fail("function body is too short", at);
    bodies[entry * 2] = reader.position;
    reader.skip(size);
    bodies[entry * 2 + 1] = reader.position;
  }
  decoding.bodies = bodies;
}
