import type { Decoding } from "../decoding.ts";
import type { ExternalKind } from "../module.ts";
import { readGlobalType, readMemoryType, readTableType, readTagType } from "./read-store-type.ts";

const KINDS: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];

export function readImport(decoding: Decoding): void {
  const { reader } = decoding;
  const start = reader.position;
  const module = reader.name();
  const name = reader.name();
  const kind = KINDS[reader.byte()];
  let index: number;
  switch (kind) {
    case "function":
      index = decoding.importedFunctions++;
      decoding.pushFunction(reader.u32());
      break;
    case "table":
      index = decoding.importedTables++;
      decoding.tables.push(readTableType(reader));
      break;
    case "memory":
      index = decoding.importedMemories++;
      decoding.memories.push(readMemoryType(reader));
      break;
    case "global":
      index = decoding.importedGlobals++;
      decoding.globals.push(readGlobalType(reader));
      break;
    case "tag":
      index = decoding.tags.length;
      decoding.tags.push(readTagType(reader));
      break;
    default:
      return reader.fail("unknown kind of import", reader.position - 1);
  }
  decoding.imports.push({ module, name, kind, index, start, end: reader.position });
}

export function readExport(decoding: Decoding): void {
  const { reader } = decoding;
  const start = reader.position;
  const name = reader.name();
  const kind = KINDS[reader.byte()];
  if (kind === undefined) return reader.fail("unknown kind of export", reader.position - 1);
  const at = reader.position;
  const index = reader.u32();
  if (kind === "function") decoding.functionReference(at, index, false);
  if (kind === "global") decoding.globalReferences.push(at, reader.position, index);
  decoding.exports.push({ name, kind, index, start, end: reader.position });
}
