import type { Decoding } from "../decoding.ts";
import { SECTION } from "../module.ts";
import { readBodies, readGlobal, readTable } from "./read-definition.ts";
import { readExport, readImport } from "./read-external.ts";
import { readDataSegment, readElementSegment } from "./read-segment.ts";
import { readMemoryType, readTagType } from "./read-store-type.ts";
import { readTypes } from "./read-type.ts";

/** Reads the payload of a known section, which begins where the reader stands and ends where it ends. */
export function readSection(decoding: Decoding, id: number): void {
  const { reader } = decoding;
  const start = reader.position;
  if (id === SECTION.start) {
    decoding.start = reader.u32();
    if (decoding.start === decoding.importedFunctions)
      decoding.firstFunctionReferences.push(start, reader.position, decoding.start);
    decoding.sections.push({ id, start, end: reader.end, contents: start, count: 0 });
    return;
  }
  const count = readCount(decoding, id);
  decoding.sections.push({ id, start, end: reader.end, contents: reader.position, count });
  switch (id) {
    case SECTION.import:
      repeat(count, () => readImport(decoding));
      // A module may have no function section.
      decoding.sealFunctions();
      return;
    case SECTION.function:
      repeat(count, () => decoding.pushFunction(reader.u32()));
      decoding.sealFunctions();
      return;
    case SECTION.element:
      decoding.elementCount = count;
      repeat(count, () => readElementSegment(decoding));
      return;
    case SECTION.code:
      readBodies(decoding, count);
      return;
    case SECTION.dataCount:
      decoding.dataCount = count;
      return;
    default: {
      const read = ENTRIES.get(id);
      if (read !== undefined) repeat(count, () => read(decoding));
    }
  }
}

/** How an entry of the sections is read that are nothing but lists. */
const ENTRIES: ReadonlyMap<number, (decoding: Decoding) => void> = new Map([
  [SECTION.type, readTypes],
  [SECTION.table, readTable],
  [SECTION.memory, ({ memories, reader }: Decoding) => void memories.push(readMemoryType(reader))],
  [SECTION.global, readGlobal],
  [SECTION.export, readExport],
  [SECTION.data, readDataSegment],
  [SECTION.tag, ({ tags, reader }: Decoding) => void tags.push(readTagType(reader))],
]);

function readCount({ reader, limits }: Decoding, id: number): number {
  const start = reader.position;
  const count = reader.u32();
  const allowed = id === SECTION.function || id === SECTION.code ? limits.functions : limits.entries;
  if (count > allowed) reader.tooLarge(`number of entries of section ${id}`, count, allowed);
  // Every entry takes a byte or more (data count has none): a count beyond that is a lie that must not size an array.
  if (id !== SECTION.dataCount && count > reader.end - reader.position)
    reader.fail(`section ${id} is too short for its count`, start);
  return count;
}

function repeat(count: number, read: () => void): void {
  for (let entry = 0; entry < count; entry++) read();
}
