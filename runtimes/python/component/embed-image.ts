import { decodeModule } from "../../../src/engine/binary/decode-module.ts";
import { SECTION } from "../../../src/engine/binary/module.ts";
import type { Section, WasmModule } from "../../../src/engine/binary/module.ts";
import type { StateImage } from "../../../src/engine/snapshot/state-image.ts";
import { ByteReader } from "../../../src/internal/byte-reader.ts";
import { ByteWriter } from "../../../src/internal/byte-writer.ts";

export interface EmbedOptions {
  /** The state of a ready interpreter: memory, and the mutable globals in their order. */
  readonly image: StateImage;
  /** The exports that stay. */
  readonly exports: readonly string[];
  /** Entries that the function table has to have. */
  readonly tableEntries: number;
}

/**
 * The interpreter that starts from an image: its memory comes as data segments, its globals as their initial values.
 * The same is called pre-initialization elsewhere: https://github.com/bytecodealliance/wizer
 */
export function embedImage(bytes: Uint8Array, options: EmbedOptions): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes);
  const out = new ByteWriter(bytes.length + 2 ** 24);
  out.bytes(bytes.subarray(0, 8));
  for (const section of module.sections) {
    const payload = payloadOf(module, section, options);
    if (payload === undefined) continue;
    out.byte(section.id);
    out.u32(payload.length);
    out.bytes(payload);
  }
  const data = dataOf(options.image);
  out.byte(SECTION.data);
  out.u32(data.length);
  out.bytes(data);
  return out.finish();
}

/** A section's new content; undefined if it is left out. */
function payloadOf(module: WasmModule, section: Section, options: EmbedOptions): Uint8Array | undefined {
  switch (section.id) {
    case SECTION.custom:
    case SECTION.data:
    case SECTION.dataCount:
      return undefined;
    case SECTION.start:
      throw new Error("Cannot embed an image: the interpreter has a start function, which would run over it");
    case SECTION.table:
      return tablesOf(module, options.tableEntries);
    case SECTION.memory:
      return memoryOf(module, options.image);
    case SECTION.global:
      return globalsOf(module, section, options.image);
    case SECTION.export:
      return exportsOf(module, options.exports);
    default:
      return module.bytes.subarray(section.start, section.end);
  }
}

const REFERENCE_TYPES: ReadonlyMap<string, number> = new Map([
  ["funcref", 0x70],
  ["externref", 0x6f],
]);

function tablesOf({ tables, importedTables }: WasmModule, entries: number): Uint8Array {
  const out = new ByteWriter();
  out.u32(tables.length - importedTables);
  for (const [index, { element, minimum, maximum }] of tables.slice(importedTables).entries()) {
    const type = REFERENCE_TYPES.get(element);
    if (type === undefined || maximum !== undefined)
      throw new Error("Cannot embed an image: a table is of another form");
    out.byte(type);
    out.byte(0);
    out.u32(index === 0 ? Math.max(minimum, entries) : minimum);
  }
  return out.finish();
}

const PAGE_BYTES = 65_536;

function memoryOf({ memories, importedMemories }: WasmModule, image: StateImage): Uint8Array {
  const [memory] = memories;
  const [content] = image.memories;
  if (memory === undefined || content === undefined || memories.length !== 1 || importedMemories !== 0)
    throw new Error("Cannot embed an image: it is of another memory");
  const out = new ByteWriter();
  out.u32(1);
  out.byte(1);
  out.u32(content.byteLength / PAGE_BYTES);
  out.u32(memory.maximum ?? 65_536);
  return out.finish();
}

const I32 = 0x7f;
const I32_CONST = 0x41;
const END = 0x0b;

/** All of them are i32 constants; the mutable ones get the image's values. */
function globalsOf(module: WasmModule, section: Section, image: StateImage): Uint8Array {
  const reader = new ByteReader(module.bytes, section.contents, section.end);
  const out = new ByteWriter();
  out.u32(section.count);
  let next = 0;
  for (let index = 0; index < section.count; index++) {
    const type = reader.byte();
    const mutable = reader.byte() === 1;
    const opcode = reader.byte();
    if (type !== I32 || opcode !== I32_CONST) throw new Error("Cannot embed an image: a global is of another type");
    const initial = reader.s32();
    if (reader.byte() !== END) throw new Error("Cannot embed an image: a global's value is no constant");
    const value = mutable ? image.globals[next++] : initial;
    if (typeof value !== "number") throw new Error("Cannot embed an image: it lacks a global");
    out.bytes(Uint8Array.of(type, mutable ? 1 : 0, opcode));
    out.signed(value);
    out.byte(END);
  }
  if (next !== image.globals.length) throw new Error("Cannot embed an image: it has more globals");
  return out.finish();
}

const EXPORT_KINDS = ["function", "table", "memory", "global", "tag"] as const;

function exportsOf({ exports }: WasmModule, wanted: readonly string[]): Uint8Array {
  const kept = exports.filter(({ name }) => wanted.includes(name));
  if (kept.length !== wanted.length) throw new Error("Cannot embed an image: the interpreter lacks an export");
  const out = new ByteWriter();
  out.u32(kept.length);
  for (const { name, kind, index } of kept) {
    out.name(name);
    out.byte(EXPORT_KINDS.indexOf(kind));
    out.u32(index);
  }
  return out.finish();
}

function dataOf({ memories }: StateImage): Uint8Array {
  const runs = memories.flatMap((memory) => memory.runs);
  const out = new ByteWriter(2 ** 24);
  out.u32(runs.length);
  for (const { offset, bytes } of runs) {
    out.byte(0);
    out.byte(I32_CONST);
    out.signed(offset);
    out.byte(END);
    out.u32(bytes.length);
    out.bytes(bytes);
  }
  return out.finish();
}
