import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { SECTION } from "../../src/engine/binary/module.ts";
import type { Section, WasmModule } from "../../src/engine/binary/module.ts";
import { ByteWriter } from "../../src/internal/byte-writer.ts";

/** A function that a linker may want. */
export interface Entry {
  /** Index in the metered module. */
  readonly index: number;
  /** Units that whoever calls it has to charge. */
  readonly units: number;
}

/** What the metered module calls its parts. */
export interface EntryNames {
  readonly fuelExport: string;
  /** For the table of entries, and for the function that fills it. */
  readonly table: string;
  readonly fill: string;
}

/**
 * Gives a metered module a way to hand out functions that it does not export: a table that is empty, and a function that
 * puts an entry for each of them in. Exporting thousands of them would make every instance cost several times as much; so
 * only one that links something pays, and only for what it takes.
 *
 * The meter leaves part of what a function costs to its callers, and checks to the heads of cycles that it knows. An entry
 * is a function of its own that charges, checks and calls, so that all of it holds for callers that the meter never saw.
 */
export function addEntryTable(
  bytes: Uint8Array,
  entries: readonly Entry[],
  names: EntryNames,
): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes);
  const first = module.functionTypes.length;
  const fuel = exported(module, "global", names.fuelExport);
  const exhausted = module.imports.find(({ module: from, name }) => from === "wardian" && name === "exhausted");
  if (exhausted === undefined) throw new Error("Cannot add entries: the module is not metered");
  const segment = module.elementCount;
  const table = module.tables.length;
  const out = new ByteWriter(bytes.length + entries.length * 40);
  out.bytes(bytes.subarray(0, 8));
  for (const section of module.sections) {
    const payload = new ByteWriter();
    if (section.id === SECTION.type) {
      extend(payload, module, section, 1);
      payload.bytes(Uint8Array.of(0x60, 0, 0)); // () -> ()
    } else if (section.id === SECTION.function) {
      extend(payload, module, section, entries.length + 1);
      for (const { index } of entries) payload.u32(module.functionTypes[index] ?? 0);
      payload.u32(module.types.length);
    } else if (section.id === SECTION.table) {
      extend(payload, module, section, 1);
      payload.bytes(Uint8Array.of(0x70, 0, 0)); // funcref, from 0
    } else if (section.id === SECTION.export) {
      extend(payload, module, section, 2);
      payload.name(names.table);
      payload.byte(1);
      payload.u32(table);
      payload.name(names.fill);
      payload.byte(0);
      payload.u32(first + entries.length);
    } else if (section.id === SECTION.element) {
      extend(payload, module, section, 1);
      payload.bytes(Uint8Array.of(1, 0)); // passive, functions by index
      payload.u32(entries.length);
      for (let index = 0; index < entries.length; index++) payload.u32(first + index);
    } else if (section.id === SECTION.code) {
      extend(payload, module, section, entries.length + 1);
      for (const entry of entries) writeEntry(payload, module, entry, fuel, exhausted.index);
      writeFill(payload, entries.length, { table, segment, fuel });
    } else payload.bytes(bytes.subarray(section.start, section.end));
    out.byte(section.id);
    out.u32(payload.length);
    out.bytes(payload.view());
  }
  return out.finish();
}

/** A vector of a section with room for more entries, which the caller writes behind. */
function extend(out: ByteWriter, { bytes }: WasmModule, { contents, end, count }: Section, more: number): void {
  out.u32(count + more);
  out.bytes(bytes.subarray(contents, end));
}

function exported(module: WasmModule, kind: string, name: string): number {
  const found = module.exports.find((entry) => entry.kind === kind && entry.name === name);
  if (found === undefined) throw new Error(`Cannot add entries: the module has no ${kind} "${name}"`);
  return found.index;
}

function writeEntry(out: ByteWriter, module: WasmModule, entry: Entry, fuel: number, exhausted: number): void {
  const type = module.types[module.functionTypes[entry.index] ?? -1];
  if (type?.kind !== "function") throw new Error("Cannot add entries: there is no such function");
  const code = new ByteWriter();
  const op = (opcode: number, operand: number): void => {
    code.byte(opcode);
    code.u32(operand);
  };
  code.byte(0); // no locals
  op(0x23, fuel); // global.get
  code.byte(0x41); // i32.const
  code.signed(entry.units);
  code.byte(0x6b); // i32.sub
  op(0x24, fuel); // global.set
  op(0x23, fuel);
  code.bytes(Uint8Array.of(0x41, 0, 0x48, 0x04, 0x40)); // i32.const 0, i32.lt_s, if
  // As the meter asks in a module that catches exceptions (the interpreter does, by `try`): no handler of the guest's may
  // see that asking the host failed.
  code.bytes(Uint8Array.of(0x06, 0x40)); // try
  op(0x10, exhausted);
  code.bytes(Uint8Array.of(0x04, 0x40, 0x00, 0x0b)); // if, unreachable, end
  code.bytes(Uint8Array.of(0x19, 0x00, 0x0b, 0x0b)); // catch_all, unreachable, end, end
  for (let index = 0; index < type.params.length; index++) op(0x20, index);
  op(0x10, entry.index);
  code.byte(0x0b);
  body(out, code);
}

interface FillPlaces {
  readonly table: number;
  readonly segment: number;
  readonly fuel: number;
}

/**
 * Makes the table as long as there are entries and puts them in, at the first call. It charges but does not check: the host
 * calls it between runs too.
 */
function writeFill(out: ByteWriter, count: number, { table, segment, fuel }: FillPlaces): void {
  const code = new ByteWriter();
  const constant = (value: number): void => {
    code.byte(0x41);
    code.signed(value);
  };
  const prefixed = (sub: number, ...operands: readonly number[]): void => {
    code.bytes(Uint8Array.of(0xfc, sub));
    for (const operand of operands) code.u32(operand);
  };
  code.byte(0); // no locals
  code.byte(0x23); // global.get
  code.u32(fuel);
  constant(count * FILL_UNITS + FILL_UNITS * 16);
  code.bytes(Uint8Array.of(0x6b, 0x24)); // i32.sub, global.set
  code.u32(fuel);
  prefixed(16, table); // table.size
  code.bytes(Uint8Array.of(0x45, 0x04, 0x40)); // i32.eqz, if
  code.bytes(Uint8Array.of(0xd0, 0x70)); // ref.null func
  constant(count);
  prefixed(15, table); // table.grow
  code.byte(0x1a); // drop
  constant(0);
  constant(0);
  constant(count);
  prefixed(12, segment, table); // table.init
  code.bytes(Uint8Array.of(0x0b, 0x0b));
  body(out, code);
}

/** For an entry: grown and written. The sixteenfold of it pays for the rest. */
const FILL_UNITS = 4;

function body(out: ByteWriter, code: ByteWriter): void {
  out.u32(code.length);
  out.bytes(code.finish());
}
