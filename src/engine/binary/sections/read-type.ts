import type { Decoding } from "../decoding.ts";
import type { FieldType, TypeDefinition } from "../module.ts";
import { readMutability } from "./read-mutability.ts";

/** Fields of a structure type. */
const MOST_FIELDS = 10_000;
/** Parameters, and results, of a function type. */
const MOST_VALUES = 1_000;

/** Reads an entry of the type section: one type, or a group that refers to itself. */
export function readTypes(decoding: Decoding): void {
  const { reader } = decoding;
  if (reader.bytes[reader.position] !== 0x4e) {
    readSubtype(decoding);
    return;
  }
  reader.position++;
  const count = reader.u32();
  if (count > reader.end - reader.position) reader.fail("recursion group is too short for its count");
  for (let entry = 0; entry < count; entry++) readSubtype(decoding);
}

function readSubtype(decoding: Decoding): void {
  const { reader, types, limits } = decoding;
  const form = reader.bytes[reader.position];
  if (form === 0x50 || form === 0x4f) {
    reader.position++;
    for (let supers = reader.u32(); supers > 0; supers--) reader.u32();
  }
  types.push(readCompositeType(decoding));
  if (types.length > limits.entries) reader.tooLarge("number of types", types.length, limits.entries);
}

function readCompositeType(decoding: Decoding): TypeDefinition {
  const { reader } = decoding;
  const at = reader.position;
  switch (reader.byte()) {
    case 0x60: {
      const params = readValueTypes(decoding);
      const countAt = reader.position;
      reader.u32();
      const resultsStart = reader.position;
      reader.position = countAt;
      const results = readValueTypes(decoding);
      return { kind: "function", params, results, resultsStart, resultsEnd: reader.position };
    }
    case 0x5f: {
      const fields: FieldType[] = [];
      for (let count = readCount(decoding, MOST_FIELDS, "number of fields"); count > 0; count--)
        fields.push(readFieldType(decoding));
      return { kind: "struct", fields };
    }
    case 0x5e:
      return { kind: "array", element: readFieldType(decoding) };
    default:
      return reader.fail("unknown type form", at);
  }
}

function readValueTypes(decoding: Decoding): string[] {
  const types: string[] = [];
  for (let count = readCount(decoding, MOST_VALUES, "number of parameters or results"); count > 0; count--)
    types.push(decoding.reader.valueType());
  return types;
}

function readCount({ reader }: Decoding, allowed: number, what: string): number {
  const count = reader.u32();
  if (count > allowed) reader.tooLarge(what, count, allowed);
  return count;
}

function readFieldType({ reader }: Decoding): FieldType {
  const packed = reader.bytes[reader.position];
  let type: string;
  if (packed === 0x78 || packed === 0x77) {
    reader.position++;
    type = packed === 0x78 ? "i8" : "i16";
  } else type = reader.valueType();
  return { type, mutable: readMutability(reader) };
}
