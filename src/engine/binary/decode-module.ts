import { WardianError } from "../../errors.ts";
import { DEFAULT_REWRITE_LIMITS, type RewriteLimits } from "../limits.ts";
import { InstructionReader } from "./instruction-reader.ts";
import { ModuleReader } from "./module-reader.ts";
import {
  SECTION,
  type ExportEntry,
  type ExternalKind,
  type FieldType,
  type GlobalType,
  type ImportEntry,
  type Limits,
  type MemoryType,
  type Section,
  type TableType,
  type TypeDefinition,
  type WasmModule,
} from "./module.ts";
import { OP } from "./opcodes.ts";

/**
 * Decodes the structure of a core module. Instructions inside function bodies are not read.
 *
 * Work and memory are linear in the input. Never throws anything but a `WardianError`.
 *
 * @throws WardianError `invalid-module` with the byte offset, or `module-too-large`.
 */
export function decodeModule(bytes: Uint8Array, limits: RewriteLimits = DEFAULT_REWRITE_LIMITS): WasmModule {
  if (bytes.length > limits.bytes) {
    throw new WardianError(
      "module-too-large",
      `Cannot meter module: it has ${bytes.length} bytes, at most ${limits.bytes} allowed`,
    );
  }
  return new ModuleDecoder(bytes, limits).decode();
}

/** Known sections in the only order in which they may stand. */
const ORDER: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.tag,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
];

const KINDS: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];

class ModuleDecoder {
  readonly #reader: ModuleReader;
  readonly #instructions: InstructionReader;
  readonly #limits: RewriteLimits;
  readonly #sections: Section[] = [];
  readonly #types: TypeDefinition[] = [];
  readonly #imports: ImportEntry[] = [];
  #functionTypes: Uint32Array = new Uint32Array(0);
  #functionCount = 0;
  #importedFunctions = 0;
  readonly #tables: TableType[] = [];
  #importedTables = 0;
  readonly #memories: MemoryType[] = [];
  #importedMemories = 0;
  readonly #globals: GlobalType[] = [];
  #importedGlobals = 0;
  readonly #tags: number[] = [];
  readonly #exports: ExportEntry[] = [];
  #start: number | undefined;
  #bodies: Uint32Array = new Uint32Array(0);
  #addressTaken: Uint8Array = new Uint8Array(0);
  readonly #firstFunctionReferences: number[] = [];
  readonly #globalReferences: number[] = [];
  #dataCount: number | undefined;
  #elementCount = 0;
  readonly #dataLengths: number[] = [];

  constructor(bytes: Uint8Array, limits: RewriteLimits) {
    this.#reader = new ModuleReader(bytes);
    this.#instructions = new InstructionReader(bytes, 0, 0);
    this.#limits = limits;
  }

  decode(): WasmModule {
    const reader = this.#reader;
    const bytes = reader.bytes;
    if (bytes.length < 8 || bytes[0] !== 0x00 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
      throw new WardianError(
        "invalid-module",
        "Cannot meter module: it does not begin with the WebAssembly magic number",
      );
    }
    if (bytes[4] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
      const what = bytes[6] === 1 ? "it is a component, not a core module" : "unknown binary version";
      throw new WardianError("invalid-module", `Cannot meter module: ${what}`);
    }
    reader.position = 8;
    let previous = -1;
    while (reader.position < bytes.length) {
      reader.end = bytes.length;
      const at = reader.position;
      const id = reader.byte();
      const size = reader.u32();
      if (size > bytes.length - reader.position) reader.fail("section is longer than the module", at);
      const start = reader.position;
      reader.end = start + size;
      if (id === SECTION.custom) {
        const name = reader.name();
        this.#sections.push({ id, start, end: reader.end, name, contents: reader.position, count: 0 });
        if (this.#sections.length > this.#limits.entries)
          reader.tooLarge("number of sections", this.#sections.length, this.#limits.entries);
        reader.position = reader.end;
        continue;
      }
      const order = ORDER.indexOf(id);
      if (order < 0) reader.fail(`unknown section ${id}`, at);
      if (order <= previous) reader.fail(`section ${id} is repeated or out of order`, at);
      previous = order;
      // Behind the type section, indices are final.
      if (id !== SECTION.type) this.#reader.types = this.#instructions.types = this.#types.length;
      this.#section(id, start);
      if (reader.position !== reader.end) reader.fail(`section ${id} has the wrong size`, at);
    }
    return this.#finish();
  }

  #section(id: number, start: number): void {
    const reader = this.#reader;
    if (id === SECTION.start) {
      this.#start = reader.u32();
      if (this.#start === this.#importedFunctions)
        this.#firstFunctionReferences.push(start, reader.position, this.#start);
      this.#sections.push({ id, start, end: reader.end, contents: start, count: 0 });
      return;
    }
    const count = reader.u32();
    const allowed = id === SECTION.function || id === SECTION.code ? this.#limits.functions : this.#limits.entries;
    if (count > allowed) reader.tooLarge(`number of entries of section ${id}`, count, allowed);
    // Every entry takes a byte or more (data count has none): a count beyond that is a lie that must not size an array.
    if (id !== SECTION.dataCount && count > reader.end - reader.position)
      reader.fail(`section ${id} is too short for its count`, start);
    this.#sections.push({ id, start, end: reader.end, contents: reader.position, count });
    switch (id) {
      case SECTION.type:
        for (let entry = 0; entry < count; entry++) this.#recursiveTypes();
        return;
      case SECTION.import:
        for (let entry = 0; entry < count; entry++) this.#import();
        // A module may have no function section.
        this.#sealFunctions();
        return;
      case SECTION.function:
        this.#functions(count);
        return;
      case SECTION.table:
        for (let entry = 0; entry < count; entry++) this.#table();
        return;
      case SECTION.memory:
        for (let entry = 0; entry < count; entry++) this.#memories.push(this.#memoryType());
        return;
      case SECTION.global:
        for (let entry = 0; entry < count; entry++) {
          this.#globals.push(this.#globalType());
          this.#constant();
        }
        return;
      case SECTION.export:
        for (let entry = 0; entry < count; entry++) this.#export();
        return;
      case SECTION.element:
        this.#elementCount = count;
        for (let entry = 0; entry < count; entry++) this.#element();
        return;
      case SECTION.code:
        this.#code(count);
        return;
      case SECTION.data:
        for (let entry = 0; entry < count; entry++) this.#data();
        return;
      case SECTION.dataCount:
        this.#dataCount = count;
        return;
      default:
        for (let entry = 0; entry < count; entry++) this.#tags.push(this.#tagType());
    }
  }

  #finish(): WasmModule {
    const reader = this.#reader;
    const defined = this.#functionTypes.length - this.#importedFunctions;
    if (this.#bodies.length !== defined * 2)
      reader.fail(`${defined} functions are declared but ${this.#bodies.length / 2} have a body`);
    if (this.#dataCount !== undefined && this.#dataCount !== this.#dataLengths.length)
      reader.fail("data count differs from the number of data segments");
    const namedType = Math.max(reader.largestType, this.#instructions.largestType);
    if (namedType >= this.#types.length) reader.fail(`type ${namedType} does not exist`);
    for (const type of this.#functionTypes) {
      if (this.#types[type]?.kind !== "function")
        reader.fail(`a function has type ${type}, which is not a function type`);
    }
    for (const type of this.#tags) {
      if (this.#types[type]?.kind !== "function") reader.fail(`a tag has type ${type}, which is not a function type`);
    }
    const sizes = {
      function: this.#functionTypes.length,
      table: this.#tables.length,
      memory: this.#memories.length,
      global: this.#globals.length,
      tag: this.#tags.length,
    };
    const names = new Set<string>();
    for (const entry of this.#exports) {
      if (entry.index >= sizes[entry.kind]) reader.fail(`export of a ${entry.kind} that does not exist`, entry.start);
      if (names.has(entry.name)) reader.fail("an export name is repeated", entry.start);
      names.add(entry.name);
    }
    if (this.#start !== undefined && this.#start >= sizes.function) reader.fail("start function does not exist");
    return {
      bytes: reader.bytes,
      sections: this.#sections,
      types: this.#types,
      imports: this.#imports,
      functionTypes: this.#functionTypes,
      importedFunctions: this.#importedFunctions,
      tables: this.#tables,
      importedTables: this.#importedTables,
      memories: this.#memories,
      importedMemories: this.#importedMemories,
      globals: this.#globals,
      importedGlobals: this.#importedGlobals,
      tags: this.#tags,
      exports: this.#exports,
      start: this.#start,
      bodies: this.#bodies,
      addressTaken: this.#addressTaken,
      firstFunctionReferences: this.#firstFunctionReferences,
      globalReferences: this.#globalReferences,
      dataCount: this.#dataCount,
      elementCount: this.#elementCount,
      dataLengths: this.#dataLengths,
    };
  }

  #recursiveTypes(): void {
    const reader = this.#reader;
    if (reader.bytes[reader.position] !== 0x4e) {
      this.#subtype();
      return;
    }
    reader.position++;
    const count = reader.u32();
    if (count > reader.end - reader.position) reader.fail("recursion group is too short for its count");
    for (let entry = 0; entry < count; entry++) this.#subtype();
  }

  #subtype(): void {
    const reader = this.#reader;
    const form = reader.bytes[reader.position];
    if (form === 0x50 || form === 0x4f) {
      reader.position++;
      for (let supers = reader.u32(); supers > 0; supers--) reader.u32();
    }
    this.#types.push(this.#compositeType());
    if (this.#types.length > this.#limits.entries)
      reader.tooLarge("number of types", this.#types.length, this.#limits.entries);
  }

  #compositeType(): TypeDefinition {
    const reader = this.#reader;
    const at = reader.position;
    switch (reader.byte()) {
      case 0x60: {
        const params = this.#valueTypes();
        const countAt = reader.position;
        reader.u32();
        const resultsStart = reader.position;
        reader.position = countAt;
        const results = this.#valueTypes();
        return { kind: "function", params, results, resultsStart, resultsEnd: reader.position };
      }
      case 0x5f: {
        const fields: FieldType[] = [];
        for (let count = this.#bounded(10_000, "number of fields"); count > 0; count--) fields.push(this.#fieldType());
        return { kind: "struct", fields };
      }
      case 0x5e:
        return { kind: "array", element: this.#fieldType() };
      default:
        return reader.fail("unknown type form", at);
    }
  }

  #bounded(allowed: number, what: string): number {
    const count = this.#reader.u32();
    if (count > allowed) this.#reader.tooLarge(what, count, allowed);
    return count;
  }

  #valueTypes(): string[] {
    const types: string[] = [];
    for (let count = this.#bounded(1_000, "number of parameters or results"); count > 0; count--)
      types.push(this.#reader.valueType());
    return types;
  }

  #fieldType(): FieldType {
    const reader = this.#reader;
    const packed = reader.bytes[reader.position];
    let type: string;
    if (packed === 0x78 || packed === 0x77) {
      reader.position++;
      type = packed === 0x78 ? "i8" : "i16";
    } else type = reader.valueType();
    return { type, mutable: this.#mutability() };
  }

  #mutability(): boolean {
    const flag = this.#reader.byte();
    if (flag > 1) this.#reader.fail("malformed mutability", this.#reader.position - 1);
    return flag === 1;
  }

  #import(): void {
    const reader = this.#reader;
    const start = reader.position;
    const module = reader.name();
    const name = reader.name();
    const kind = KINDS[reader.byte()];
    let index: number;
    switch (kind) {
      case "function":
        index = this.#importedFunctions++;
        this.#pushFunction(reader.u32());
        break;
      case "table":
        index = this.#importedTables++;
        this.#tables.push(this.#tableType());
        break;
      case "memory":
        index = this.#importedMemories++;
        this.#memories.push(this.#memoryType());
        break;
      case "global":
        index = this.#importedGlobals++;
        this.#globals.push(this.#globalType());
        break;
      case "tag":
        index = this.#tags.length;
        this.#tags.push(this.#tagType());
        break;
      default:
        return reader.fail("unknown kind of import", reader.position - 1);
    }
    this.#imports.push({ module, name, kind, index, start, end: reader.position });
  }

  #pushFunction(type: number): void {
    if (this.#functionCount === this.#functionTypes.length) {
      const grown = new Uint32Array(Math.max(64, this.#functionCount * 2));
      grown.set(this.#functionTypes);
      this.#functionTypes = grown;
    }
    this.#functionTypes[this.#functionCount++] = type;
    if (this.#functionCount > this.#limits.functions)
      this.#reader.tooLarge("number of functions", this.#functionCount, this.#limits.functions);
  }

  #functions(count: number): void {
    for (let entry = 0; entry < count; entry++) this.#pushFunction(this.#reader.u32());
    this.#sealFunctions();
  }

  #sealFunctions(): void {
    this.#functionTypes = this.#functionTypes.slice(0, this.#functionCount);
    if (this.#addressTaken.length < this.#functionCount) this.#addressTaken = new Uint8Array(this.#functionCount);
  }

  #limitsType(): Limits & { readonly customPage: boolean } {
    const reader = this.#reader;
    const start = reader.position;
    const flags = reader.byte();
    if (flags > 0x0f) reader.fail("malformed limits", start);
    const wide = (flags & 4) !== 0;
    const minimum = wide ? reader.u64() : reader.u32();
    const maximum = (flags & 1) === 0 ? undefined : wide ? reader.u64() : reader.u32();
    return {
      minimum,
      maximum,
      shared: (flags & 2) !== 0,
      wide,
      start,
      end: reader.position,
      customPage: (flags & 8) !== 0,
    };
  }

  #tableType(): TableType {
    const reader = this.#reader;
    const elementStart = reader.position;
    const element = reader.valueType();
    const elementEnd = reader.position;
    const { customPage, ...limits } = this.#limitsType();
    if (customPage) reader.fail("malformed limits", limits.start);
    return { ...limits, element, elementStart, elementEnd };
  }

  #table(): void {
    const reader = this.#reader;
    if (reader.bytes[reader.position] !== 0x40) {
      this.#tables.push(this.#tableType());
      return;
    }
    reader.position++;
    if (reader.byte() !== 0) reader.fail("malformed table", reader.position - 1);
    this.#tables.push(this.#tableType());
    this.#constant();
  }

  #memoryType(): MemoryType {
    const { customPage, ...limits } = this.#limitsType();
    const pageSizeLog2 = customPage ? this.#reader.u32() : 16;
    if (pageSizeLog2 !== 16 && pageSizeLog2 !== 0) this.#reader.fail("unknown page size");
    return { ...limits, pageSizeLog2 };
  }

  #globalType(): GlobalType {
    const type = this.#reader.valueType();
    return { type, mutable: this.#mutability() };
  }

  #tagType(): number {
    const reader = this.#reader;
    if (reader.byte() !== 0) reader.fail("malformed tag", reader.position - 1);
    return reader.u32();
  }

  #export(): void {
    const reader = this.#reader;
    const start = reader.position;
    const name = reader.name();
    const kind = KINDS[reader.byte()];
    if (kind === undefined) return reader.fail("unknown kind of export", reader.position - 1);
    const at = reader.position;
    const index = reader.u32();
    if (kind === "function") this.#functionReference(at, index, false);
    if (kind === "global") this.#globalReferences.push(at, reader.position, index);
    this.#exports.push({ name, kind, index, start, end: reader.position });
  }

  /** Notes a place behind which the reader stands. */
  #functionReference(at: number, index: number, takesAddress: boolean): void {
    if (this.#addressTaken.length < this.#functionCount) this.#sealFunctions();
    if (index >= this.#functionCount) this.#reader.fail("reference to a function that does not exist", at);
    if (takesAddress) this.#addressTaken[index] = 1;
    if (index === this.#importedFunctions) this.#firstFunctionReferences.push(at, this.#reader.position, index);
  }

  /** Reads a constant expression up to and with its `end`. */
  #constant(): void {
    const reader = this.#reader;
    const code = this.#instructions;
    code.reset(reader.position, reader.end);
    while (code.next()) {
      if (code.op === OP.end) {
        reader.position = code.position;
        return;
      }
      if (code.op === OP.globalGet) this.#globalReferences.push(code.indexStart, code.indexEnd, code.index);
      else if (code.op === OP.refFunc) {
        reader.position = code.indexEnd;
        this.#functionReference(code.indexStart, code.index, true);
      } else if (code.op < OP.i32Const && code.op !== OP.nop) reader.fail("instruction is not constant", code.start);
    }
    reader.fail("constant expression has no end");
  }

  #element(): void {
    const reader = this.#reader;
    const at = reader.position;
    const flags = reader.u32();
    if (flags > 7) reader.fail("malformed element segment", at);
    const active = (flags & 1) === 0;
    const explicit = (flags & 2) !== 0;
    const expressions = (flags & 4) !== 0;
    if (active && explicit) reader.u32();
    if (active) this.#constant();
    if (explicit || !active) {
      if (expressions) reader.valueType();
      else if (reader.byte() !== 0) reader.fail("unknown element kind", reader.position - 1);
    }
    for (let count = reader.u32(); count > 0; count--) {
      if (expressions) this.#constant();
      else {
        const start = reader.position;
        this.#functionReference(start, reader.u32(), true);
      }
    }
  }

  #code(count: number): void {
    const reader = this.#reader;
    const bodies = new Uint32Array(count * 2);
    for (let entry = 0; entry < count; entry++) {
      const at = reader.position;
      const size = reader.u32();
      if (size > this.#limits.bodyBytes) reader.tooLarge("size of a function body", size, this.#limits.bodyBytes);
      if (size < 2) reader.fail("function body is too short", at);
      bodies[entry * 2] = reader.position;
      reader.skip(size);
      bodies[entry * 2 + 1] = reader.position;
    }
    this.#bodies = bodies;
  }

  #data(): void {
    const reader = this.#reader;
    const at = reader.position;
    const flags = reader.u32();
    if (flags > 2) reader.fail("malformed data segment", at);
    if (flags === 2) reader.u32();
    if (flags !== 1) this.#constant();
    const length = reader.u32();
    reader.skip(length);
    this.#dataLengths.push(length);
  }
}
