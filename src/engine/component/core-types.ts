import type { ComponentReader } from "./component-reader.ts";

/** Codes of the binary format (Component Model, Binary.md, "Core Definitions"; core specification, "Types"). */
const MODULE_TYPE = 0x50;
const SUB = 0x50;
const SUB_FINAL = 0x4f;
const RECURSIVE = 0x4e;
const FUNCTION = 0x60;
const STRUCT = 0x5f;
const ARRAY = 0x5e;

/** `core:deftype`: a type of core modules, read for the names in it and for where it ends. */
export function readCoreType(reader: ComponentReader): void {
  const code = reader.byte();
  if (code !== MODULE_TYPE) readDefinition(reader, code);
  else for (let left = reader.count(); left > 0; left--) readModuleDeclaration(reader);
}

function readDefinition(reader: ComponentReader, code: number): void {
  if (code === RECURSIVE) {
    for (let left = reader.count(); left > 0; left--) readSubtype(reader, reader.byte());
  } else if (code === 0) {
    // A prefix that tells an open subtype from a module's type, which has the same code.
    if (reader.byte() !== SUB) reader.fail("a core type is malformed");
    readSubtype(reader, SUB);
  } else readSubtype(reader, code);
}

function readModuleDeclaration(reader: ComponentReader): void {
  const kind = reader.byte();
  if (kind === 0) {
    reader.coreName();
    reader.coreName();
    readCoreExtern(reader);
  } else if (kind === 1) {
    // Types of modules do not nest.
    readDefinition(reader, reader.byte());
  } else if (kind === 2) {
    // An outer alias of a core type.
    reader.byte();
    reader.byte();
    reader.u32();
    reader.u32();
  } else if (kind === 3) {
    reader.coreName();
    readCoreExtern(reader);
  } else reader.fail(`the declaration ${kind} in the type of a core module is not known`);
}

/** `externtype` of the core specification. */
function readCoreExtern(reader: ComponentReader): void {
  const kind = reader.byte();
  if (kind === 0) reader.u32();
  else if (kind === 1) {
    readCoreValue(reader);
    readLimits(reader);
  } else if (kind === 2) readLimits(reader);
  else if (kind === 3) {
    readCoreValue(reader);
    reader.byte();
  } else if (kind === 4) {
    reader.byte();
    reader.u32();
  } else reader.fail(`the core external kind ${kind} is not known`);
}

function readLimits(reader: ComponentReader): void {
  const flags = reader.byte();
  reader.u64();
  if ((flags & 1) !== 0) reader.u64();
}

function readSubtype(reader: ComponentReader, code: number): void {
  let form = code;
  if (form === SUB || form === SUB_FINAL) {
    for (let left = reader.count(); left > 0; left--) reader.u32();
    form = reader.byte();
  }
  if (form === FUNCTION) {
    for (let left = reader.count(); left > 0; left--) readCoreValue(reader);
    for (let left = reader.count(); left > 0; left--) readCoreValue(reader);
  } else if (form === STRUCT) {
    for (let left = reader.count(); left > 0; left--) readField(reader);
  } else if (form === ARRAY) readField(reader);
  else reader.fail(`the core type ${form} is not known`);
}

function readField(reader: ComponentReader): void {
  readCoreValue(reader);
  reader.byte();
}

/** A value or storage type: one byte, or a reference with its heap type. */
function readCoreValue(reader: ComponentReader): void {
  const code = reader.byte();
  if (code === 0x63 || code === 0x64) reader.s33();
}
