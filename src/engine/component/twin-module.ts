import { ByteWriter } from "../../internal/byte-writer.ts";
import { WardianError } from "../../errors.ts";
import { decodeModule } from "../binary/decode-module.ts";
import type { ExternalKind, WasmModule } from "../binary/module.ts";
import { VALUE_TYPE_CODES } from "../binary/value-type-codes.ts";
import { DEFAULT_REWRITE_LIMITS } from "../limits.ts";
import { CORE_NAME } from "./component-reader.ts";

/** Custom section that says which module a twin stands for. */
const MARK = "wardian.twin";

/**
 * A module with the imports and exports of another one, under the same types, and no code: every function is
 * `unreachable`. A generator of glue sees all that it needs of the original, in a thousandth of its bytes, and can't
 * stumble over instructions that it does not know, such as those of exception handling. Tags are left out. A module
 * with several memories stands for itself.
 *
 * @throws WardianError "invalid-module" for names or types that components have no use for.
 */
export function twinModule(bytes: Uint8Array, index: number): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes, DEFAULT_REWRITE_LIMITS);
  for (const { module: from, name } of module.imports) {
    checkName(from);
    checkName(name);
  }
  for (const { name } of module.exports) checkName(name);
  // Not every engine has several memories in a module: jco makes one that calls for the others, of the code as it is.
  if (module.memories.length > 1) return Uint8Array.from(bytes);
  return new TwinWriter(module, index).finish();
}

/** Which module a twin stands for; undefined for a module that is none. */
export function twinIndex(bytes: Uint8Array): number | undefined {
  // Preamble, section id, its size and the name's length, one byte each.
  const start = 11;
  const at = start + MARK.length;
  if (new TextDecoder().decode(bytes.subarray(start, at)) !== MARK) return undefined;
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
}

function checkName(name: string): void {
  if (CORE_NAME.test(name) && name !== "__proto__") return;
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
  throw new WardianError("invalid-module", `Cannot read the component: the core name ${shown} is not allowed`);
}

class TwinWriter {
  readonly #module: WasmModule;
  readonly #index: number;
  readonly #types: Uint8Array[] = [];
  readonly #imports: Uint8Array[] = [];
  readonly #functions: Uint8Array[] = [];
  readonly #tables: Uint8Array[] = [];
  readonly #memories: Uint8Array[] = [];
  readonly #globals: Uint8Array[] = [];
  readonly #exports: Uint8Array[] = [];
  readonly #imported: Record<ExternalKind, number> = { function: 0, table: 0, memory: 0, global: 0, tag: 0 };

  constructor(module: WasmModule, index: number) {
    this.#module = module;
    this.#index = index;
  }

  finish(): Uint8Array<ArrayBuffer> {
    for (const { module, name, kind, index } of this.#module.imports) {
      if (kind === "tag") continue;
      const writer = new ByteWriter();
      writeText(writer, module);
      writeText(writer, name);
      writer.byte(KIND_BYTES[kind]);
      this.#writeType(writer, kind, index);
      this.#imports.push(writer.finish());
      this.#imported[kind] += 1;
    }
    for (const { name, kind, index } of this.#module.exports) {
      if (kind === "tag") continue;
      const writer = new ByteWriter();
      writeText(writer, name);
      writer.byte(KIND_BYTES[kind]);
      writer.u32(this.#define(kind, index));
      this.#exports.push(writer.finish());
    }
    const writer = new ByteWriter(1_024);
    writer.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const mark = new ByteWriter();
    writeText(mark, MARK);
    mark.byte(this.#index & 0xff);
    mark.byte(this.#index >> 8);
    writeSection(writer, 0, mark.finish());
    for (const [id, items] of [
      [1, this.#types],
      [2, this.#imports],
      [3, this.#functions],
      [4, this.#tables],
      [5, this.#memories],
      [6, this.#globals],
      [7, this.#exports],
      [10, this.#functions.map(() => UNREACHABLE_BODY)],
    ] as const) {
      if (items.length > 0) writeSection(writer, id, listOf(items));
    }
    return writer.finish();
  }

  /** Defines a thing of the type that item `index` of the original has, and returns its own index. */
  #define(kind: Exclude<ExternalKind, "tag">, index: number): number {
    const writer = new ByteWriter();
    this.#writeType(writer, kind, index);
    if (kind === "global") writeZero(writer, this.#module.globals[index]?.type ?? "");
    const list = { function: this.#functions, table: this.#tables, memory: this.#memories, global: this.#globals }[
      kind
    ];
    list.push(writer.finish());
    return this.#imported[kind] + list.length - 1;
  }

  #writeType(writer: ByteWriter, kind: Exclude<ExternalKind, "tag">, index: number): void {
    const { functionTypes, types, tables, memories, globals } = this.#module;
    if (kind === "function") {
      const type = types[functionTypes[index] ?? -1];
      const body = new ByteWriter();
      body.byte(0x60);
      for (const list of type?.kind === "function" ? [type.params, type.results] : [[], []]) {
        body.u32(list.length);
        for (const item of list) body.byte(valueType(item));
      }
      this.#types.push(body.finish());
      writer.u32(this.#types.length - 1);
    } else if (kind === "table") {
      const table = tables[index];
      writer.byte(valueType(table?.element ?? ""));
      writeLimits(writer, table, 0);
    } else if (kind === "memory") {
      const memory = memories[index];
      if (memory?.shared === true || memory?.pageSizeLog2 !== 16) {
        throw new WardianError("unsupported", "Cannot read the component: a memory is shared or has pages of its own");
      }
      writeLimits(writer, memory, 0);
    } else {
      const global = globals[index];
      writer.byte(valueType(global?.type ?? ""));
      writer.byte(global?.mutable === true ? 1 : 0);
    }
  }
}

const KIND_BYTES = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** No locals, `unreachable`, `end`. */
const UNREACHABLE_BODY: Uint8Array = Uint8Array.of(3, 0, 0, 0x0b);

function valueType(name: string): number {
  const code = VALUE_TYPE_CODES.get(name);
  if (code === undefined)
    throw new WardianError("unsupported", `Cannot read the component: a core module passes a value of type ${name}`);
  return code;
}

function writeLimits(
  writer: ByteWriter,
  store: { readonly minimum: number; readonly maximum: number | undefined; readonly wide: boolean } | undefined,
  flags: number,
): void {
  const { minimum = 0, maximum, wide = false } = store ?? {};
  writer.byte(flags | (maximum === undefined ? 0 : 1) | (wide ? 4 : 0));
  writer.u64(minimum);
  if (maximum !== undefined) writer.u64(maximum);
}

function writeZero(writer: ByteWriter, type: string): void {
  const zero: Readonly<Record<string, readonly number[]>> = {
    i32: [0x41, 0],
    i64: [0x42, 0],
    f32: [0x43, 0, 0, 0, 0],
    f64: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
    v128: [0xfd, 12, ...new Array<number>(16).fill(0)],
    funcref: [0xd0, 0x70],
    externref: [0xd0, 0x6f],
  };
  for (const byte of zero[type] ?? []) writer.byte(byte);
  writer.byte(0x0b);
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = new TextEncoder().encode(text);
  writer.u32(bytes.length);
  writer.bytes(bytes);
}

function writeSection(writer: ByteWriter, id: number, body: Uint8Array): void {
  writer.byte(id);
  writer.u32(body.length);
  writer.bytes(body);
}

function listOf(items: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(items.length);
  for (const item of items) writer.bytes(item);
  return writer.finish();
}
