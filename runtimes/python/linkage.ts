import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { SECTION } from "../../src/engine/binary/module.ts";
import type { WasmModule } from "../../src/engine/binary/module.ts";
import { describeModule } from "../../src/engine/inspect.ts";
import type { MeteredModule } from "../../src/engine/index.ts";
import { importTreatment } from "../../src/guests/python/host/python-imports.ts";
import type { LinkageFacts } from "../../src/guests/python/linker/linkage.ts";
import { ByteReader } from "../../src/internal/byte-reader.ts";
import type { Entry } from "./entry-table.ts";

/** Exports that a linker needs as they are: they stay exports. */
export const LINK_EXPORTS: readonly string[] = ["__stack_pointer", "__cpp_exception", "__c_longjmp"];

/** Names that a side module may import and that mean something else than an export of the same name. */
const OWN_NAMES: ReadonlySet<string> = new Set(["__wasm_call_ctors", "__wasm_apply_data_relocs", "__main_argc_argv"]);

/** What calling an import costs: see `IMPORT_CALL_COST` and the cost of a call. */
const IMPORT_UNITS = 24;

/**
 * All that extension modules can be linked to: what the interpreter exports, and its own imports that the host serves.
 * `prepared` is the interpreter before the meter.
 */
export function linkageOf(
  prepared: Uint8Array,
  metered: MeteredModule,
): { readonly entries: readonly Entry[]; readonly facts: LinkageFacts } {
  const module = decodeModule(prepared);
  const { imports, exports } = describeModule(module);
  const slots = tableSlots(module);
  const entries: Entry[] = [];
  const types: string[] = [];
  const functions: Record<string, [number, number]> = Object.create(null) as Record<string, [number, number]>;
  const add = (name: string, index: number, type: string, units: number): void => {
    if (Object.hasOwn(functions, name) || OWN_NAMES.has(name)) return;
    if (!types.includes(type)) types.push(type);
    // The meter moves one function: its own import takes the place of the first one.
    const moved = index === module.importedFunctions ? module.functionTypes.length : index;
    entries.push({ index: moved, units });
    functions[name] = [types.indexOf(type), slots.get(index) ?? -1];
  };
  for (const { name, kind, index, type } of exports) {
    if (kind === "function" && index >= module.importedFunctions)
      add(name, index, type, metered.prepaid[index - module.importedFunctions] ?? 0);
  }
  let index = 0;
  for (const { module: from, name, kind, type } of imports) {
    if (kind !== "function") continue;
    if (importTreatment(from, name) === "codec") add(name, index, type, IMPORT_UNITS);
    index++;
  }
  return { entries, facts: { types, functions, data: dataAddresses(module), tags: tagsOf(exports) } };
}

/** Addresses of what the interpreter's data exports name. */
function dataAddresses(module: WasmModule): Record<string, number> {
  const values = constants(module);
  const addresses: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const { name, kind, index } of module.exports) {
    const value = kind === "global" ? values[index - module.importedGlobals] : undefined;
    if (value !== undefined && name !== "__stack_pointer") addresses[name] = value;
  }
  return addresses;
}

/** What each defined global starts as, if it is an i32 that never changes. */
function constants(module: WasmModule): (number | undefined)[] {
  const section = module.sections.find(({ id }) => id === SECTION.global);
  if (section === undefined) return [];
  const reader = new ByteReader(module.bytes, section.contents, section.end);
  return Array.from({ length: section.count }, () => {
    const type = reader.byte();
    const mutable = reader.byte() === 1;
    if (type !== 0x7f || reader.byte() !== 0x41)
      throw new Error("Cannot read the interpreter's globals: one is no i32");
    const value = reader.s32();
    if (reader.byte() !== 0x0b) throw new Error("Cannot read the interpreter's globals: one is computed");
    return mutable ? undefined : value;
  });
}

/** For each function of the interpreter's table its place there: what C code compares function pointers by. */
function tableSlots(module: WasmModule): ReadonlyMap<number, number> {
  const slots = new Map<number, number>();
  const section = module.sections.find(({ id }) => id === SECTION.element);
  if (section === undefined) return slots;
  const reader = new ByteReader(module.bytes, section.contents, section.end);
  for (let segment = 0; segment < section.count; segment++) {
    if (reader.u32() !== 0 || reader.byte() !== 0x41) throw new Error("Cannot read the interpreter's function table");
    const offset = reader.u32();
    if (reader.byte() !== 0x0b) throw new Error("Cannot read the interpreter's function table");
    const count = reader.u32();
    for (let place = 0; place < count; place++) {
      const index = reader.u32();
      if (!slots.has(index)) slots.set(index, offset + place);
    }
  }
  return slots;
}

function tagsOf(exports: ReturnType<typeof describeModule>["exports"]): Record<string, string> {
  return Object.fromEntries(exports.filter(({ kind }) => kind === "tag").map(({ name, type }) => [name, type]));
}
