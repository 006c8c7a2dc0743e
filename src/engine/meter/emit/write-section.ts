import type { ByteWriter } from "../../../internal/byte-writer.ts";
import { SECTION, type ExternalKind, type Section } from "../../binary/module.ts";
import { cappedMaximum } from "../caps.ts";
import { EXHAUSTED_IMPORT } from "../metered-module.ts";
import { copyRenumbered } from "./copy-renumbered.ts";
import type { Rewrite } from "./rewrite.ts";
import { writeLimits } from "./write-limits.ts";

const KIND_CODES: Readonly<Record<ExternalKind, number>> = { function: 0, table: 1, memory: 2, global: 3, tag: 4 };

type WriteSection = (rewrite: Rewrite, payload: ByteWriter, section: Section | undefined) => void;

/** Writes the payload of a section other than code; `section`: that of the module as given, if it has one. */
export function writeSection(rewrite: Rewrite, payload: ByteWriter, id: number, section: Section | undefined): void {
  const write = CHANGED.get(id);
  if (write !== undefined) write(rewrite, payload, section);
  else if (section !== undefined) copyRenumbered(rewrite, payload, section.start, section.end);
}

function writeTypes({ module, injection }: Rewrite, payload: ByteWriter, section: Section | undefined): void {
  const added = injection.types;
  payload.u32((section?.count ?? 0) + added.length);
  if (section !== undefined) payload.copy(module.bytes, section.contents, section.end);
  for (const type of added) payload.bytes(type);
}

function writeImports(rewrite: Rewrite, payload: ByteWriter, section: Section | undefined): void {
  const { module, injection, fuelImport, stackImport, caps } = rewrite;
  const globals = [fuelImport, stackImport].filter((item) => item !== undefined);
  payload.u32((section?.count ?? 0) + 1 + globals.length);
  let cursor = section?.contents ?? 0;
  for (const entry of module.imports) {
    const store =
      entry.kind === "memory"
        ? module.memories[entry.index]
        : entry.kind === "table"
          ? module.tables[entry.index]
          : undefined;
    if (store === undefined) continue;
    payload.copy(module.bytes, cursor, store.start);
    writeLimits(
      payload,
      store,
      cappedMaximum(store, entry.kind === "memory" ? caps.memory(entry.index) : caps.table(entry.index)),
    );
    cursor = store.end;
  }
  if (section !== undefined) payload.copy(module.bytes, cursor, section.end);
  payload.name(EXHAUSTED_IMPORT.module);
  payload.name(EXHAUSTED_IMPORT.name);
  payload.byte(0);
  payload.u32(injection.type([], [Uint8Array.of(0x7f)]));
  for (const { module: from, name } of globals) {
    payload.name(from);
    payload.name(name);
    payload.bytes(Uint8Array.of(3, 0x7f, 1));
  }
}

function writeFunctions({ module, injection }: Rewrite, payload: ByteWriter): void {
  const { functionTypes, importedFunctions } = module;
  const defined = functionTypes.length - importedFunctions;
  payload.u32(defined + injection.functions.length);
  for (let index = 1; index <= defined; index++) {
    payload.u32(functionTypes[importedFunctions + (index % defined)] as number);
  }
  for (const { type } of injection.functions) payload.u32(type);
}

/** Tables or memories, with their maxima capped. */
function writeStores(rewrite: Rewrite, payload: ByteWriter, section: Section | undefined): void {
  if (section === undefined) return;
  const { module, caps } = rewrite;
  const isMemory = section.id === SECTION.memory;
  const stores = isMemory ? module.memories : module.tables;
  const imported = isMemory ? module.importedMemories : module.importedTables;
  let cursor = section.start;
  for (let index = imported; index < stores.length; index++) {
    const store = stores[index];
    if (store === undefined) continue;
    copyRenumbered(rewrite, payload, cursor, store.start);
    writeLimits(payload, store, cappedMaximum(store, isMemory ? caps.memory(index) : caps.table(index)));
    cursor = store.end;
  }
  copyRenumbered(rewrite, payload, cursor, section.end);
}

function writeGlobals(rewrite: Rewrite, payload: ByteWriter, section: Section | undefined): void {
  const { fuelImport, stackImport } = rewrite;
  const stackLimit = stackImport === undefined ? rewrite.stackLimit : undefined;
  payload.u32((section?.count ?? 0) + (fuelImport === undefined ? 1 : 0) + (stackLimit === undefined ? 0 : 1));
  if (section !== undefined) copyRenumbered(rewrite, payload, section.contents, section.end);
  if (fuelImport === undefined) writeGlobal(payload, 0);
  if (stackLimit !== undefined) writeGlobal(payload, stackLimit);
}

function writeExports({ exports, injection }: Rewrite, payload: ByteWriter): void {
  payload.u32(exports.length);
  for (const { name, kind, index, raw } of exports) {
    payload.name(name);
    payload.byte(KIND_CODES[kind]);
    if (raw === true) payload.u32(index);
    else
      payload.u32(
        kind === "function" ? injection.functionIndex(index) : kind === "global" ? injection.globalIndex(index) : index,
      );
  }
}

function writeGlobal(payload: ByteWriter, value: number): void {
  payload.byte(0x7f);
  payload.byte(1);
  payload.byte(0x41);
  payload.signed(value);
  payload.byte(0x0b);
}

/** The sections in which more changes than a number here and there. */
const CHANGED: ReadonlyMap<number, WriteSection> = new Map<number, WriteSection>([
  [SECTION.type, writeTypes],
  [SECTION.import, writeImports],
  [SECTION.function, writeFunctions],
  [SECTION.table, writeStores],
  [SECTION.memory, writeStores],
  [SECTION.global, writeGlobals],
  [SECTION.export, writeExports],
]);
