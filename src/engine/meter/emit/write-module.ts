import { WardianError } from "../../../errors.ts";
import { ByteWriter } from "../../../internal/byte-writer.ts";
import { SECTION, type ExternalKind, type Section, type WasmModule } from "../../binary/module.ts";
import type { RewriteLimits } from "../../limits.ts";
import { cappedMaximum, type StoreCaps } from "../caps.ts";
import type { EditList, FunctionPlan } from "../plan/edits.ts";
import { BodyEmitter } from "./emit-body.ts";
import type { Injection } from "./injection.ts";
import { EXHAUSTED_IMPORT } from "../metered-module.ts";
import { renumberNames } from "./name-section.ts";

/** Everything that decides the bytes of the result. */
export interface Rewrite {
  readonly module: WasmModule;
  readonly injection: Injection;
  readonly edits: EditList;
  readonly plans: readonly FunctionPlan[];
  readonly caps: StoreCaps;
  readonly fuelImport: { readonly module: string; readonly name: string } | undefined;
  readonly stackLimit: number | undefined;
  readonly removeStart: boolean;
  /** All exports of the result, with indices of the module as given but for the `raw` ones. */
  readonly exports: readonly {
    readonly name: string;
    readonly kind: ExternalKind;
    readonly index: number;
    readonly raw?: boolean;
  }[];
  readonly branchHints: boolean;
  readonly limits: RewriteLimits;
}

/** Order of the sections that the result may need though the module has none. */
const ADDABLE: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.global,
  SECTION.export,
  SECTION.code,
];
const ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const KIND_CODES: Readonly<Record<ExternalKind, number>> = { function: 0, table: 1, memory: 2, global: 3, tag: 4 };

export function writeModule(rewrite: Rewrite): Uint8Array<ArrayBuffer> {
  return new ModuleWriter(rewrite).write();
}

class ModuleWriter {
  readonly #rewrite: Rewrite;
  readonly #module: WasmModule;
  readonly #out: ByteWriter;

  constructor(rewrite: Rewrite) {
    this.#rewrite = rewrite;
    this.#module = rewrite.module;
    this.#out = new ByteWriter(Math.ceil(rewrite.module.bytes.length * 1.4) + 1024);
  }

  write(): Uint8Array<ArrayBuffer> {
    const { bytes, sections } = this.#module;
    this.#out.copy(bytes, 0, 8);
    let next = 0;
    for (const section of sections) {
      if (section.id === SECTION.custom) {
        this.#custom(section);
        continue;
      }
      const order = ORDER.indexOf(section.id);
      for (; next < ADDABLE.length; next++) {
        const id = ADDABLE[next] as number;
        const place = ORDER.indexOf(id);
        if (place > order) break;
        if (place < order) this.#section(id, undefined);
      }
      if (section.id === ADDABLE[next]) next++;
      this.#section(section.id, section);
    }
    for (; next < ADDABLE.length; next++) this.#section(ADDABLE[next] as number, undefined);
    if (this.#out.length > this.#rewrite.limits.outputBytes) this.#tooLarge();
    return this.#out.finish();
  }

  #tooLarge(): never {
    const { outputBytes } = this.#rewrite.limits;
    throw new WardianError("module-too-large", `Cannot meter module: the result has more than ${outputBytes} bytes`);
  }

  /** Custom sections with byte offsets of code, or with facts about sections that change, are dropped. */
  #custom(section: Section): void {
    const { name = "", start, end, contents } = section;
    if (name.startsWith(".debug_") || name.startsWith("reloc.") || name.startsWith("metadata.code.")) return;
    if (name === "sourceMappingURL" || name === "linking" || name === "external_debug_info") return;
    const payload = new ByteWriter(end - start + 16);
    payload.copy(this.#module.bytes, start, contents);
    if (name === "name") {
      const renumbered = renumberNames(this.#module, contents, end, this.#rewrite.injection);
      if (renumbered === undefined) return;
      payload.bytes(renumbered);
    } else payload.copy(this.#module.bytes, contents, end);
    this.#append(SECTION.custom, payload);
  }

  #append(id: number, payload: ByteWriter): void {
    this.#out.byte(id);
    this.#out.u32(payload.length);
    this.#out.bytes(payload.view());
  }

  #section(id: number, section: Section | undefined): void {
    if (id === SECTION.start && this.#rewrite.removeStart) return;
    if (id === SECTION.code) {
      this.#code();
      return;
    }
    const payload = new ByteWriter(section === undefined ? 64 : section.end - section.start + 256);
    switch (id) {
      case SECTION.type:
        this.#types(payload, section);
        break;
      case SECTION.import:
        this.#imports(payload, section);
        break;
      case SECTION.function:
        this.#functions(payload);
        break;
      case SECTION.table:
      case SECTION.memory:
        if (section !== undefined) this.#stores(payload, section);
        break;
      case SECTION.global:
        this.#globals(payload, section);
        break;
      case SECTION.export:
        this.#exports(payload);
        break;
      default:
        if (section !== undefined) this.#patched(payload, section.start, section.end);
    }
    this.#append(id, payload);
  }

  #types(payload: ByteWriter, section: Section | undefined): void {
    const added = this.#rewrite.injection.types;
    payload.u32((section?.count ?? 0) + added.length);
    if (section !== undefined) payload.copy(this.#module.bytes, section.contents, section.end);
    for (const type of added) payload.bytes(type);
  }

  #imports(payload: ByteWriter, section: Section | undefined): void {
    const { injection, fuelImport, caps } = this.#rewrite;
    payload.u32((section?.count ?? 0) + 1 + (fuelImport === undefined ? 0 : 1));
    let cursor = section?.contents ?? 0;
    for (const entry of this.#module.imports) {
      const store =
        entry.kind === "memory"
          ? this.#module.memories[entry.index]
          : entry.kind === "table"
            ? this.#module.tables[entry.index]
            : undefined;
      if (store === undefined) continue;
      payload.copy(this.#module.bytes, cursor, store.start);
      writeLimits(
        payload,
        store,
        cappedMaximum(store, entry.kind === "memory" ? caps.memory(entry.index) : caps.table(entry.index)),
      );
      cursor = store.end;
    }
    if (section !== undefined) payload.copy(this.#module.bytes, cursor, section.end);
    payload.name(EXHAUSTED_IMPORT.module);
    payload.name(EXHAUSTED_IMPORT.name);
    payload.byte(0);
    payload.u32(injection.type([], [Uint8Array.of(0x7f)]));
    if (fuelImport === undefined) return;
    payload.name(fuelImport.module);
    payload.name(fuelImport.name);
    payload.bytes(Uint8Array.of(3, 0x7f, 1));
  }

  #functions(payload: ByteWriter): void {
    const { functionTypes, importedFunctions } = this.#module;
    const { injection } = this.#rewrite;
    const defined = functionTypes.length - importedFunctions;
    payload.u32(defined + injection.functions.length);
    for (let index = 1; index <= defined; index++) {
      payload.u32(functionTypes[importedFunctions + (index % defined)] as number);
    }
    for (const { type } of injection.functions) payload.u32(type);
  }

  #stores(payload: ByteWriter, section: Section): void {
    const isMemory = section.id === SECTION.memory;
    const stores = isMemory ? this.#module.memories : this.#module.tables;
    const imported = isMemory ? this.#module.importedMemories : this.#module.importedTables;
    let cursor = section.start;
    for (let index = imported; index < stores.length; index++) {
      const store = stores[index];
      if (store === undefined) continue;
      this.#patched(payload, cursor, store.start);
      writeLimits(
        payload,
        store,
        cappedMaximum(store, isMemory ? this.#rewrite.caps.memory(index) : this.#rewrite.caps.table(index)),
      );
      cursor = store.end;
    }
    this.#patched(payload, cursor, section.end);
  }

  #globals(payload: ByteWriter, section: Section | undefined): void {
    const { fuelImport, stackLimit } = this.#rewrite;
    payload.u32((section?.count ?? 0) + (fuelImport === undefined ? 1 : 0) + (stackLimit === undefined ? 0 : 1));
    if (section !== undefined) this.#patched(payload, section.contents, section.end);
    if (fuelImport === undefined) writeGlobal(payload, 0);
    if (stackLimit !== undefined) writeGlobal(payload, stackLimit);
  }

  #exports(payload: ByteWriter): void {
    const { exports, injection } = this.#rewrite;
    payload.u32(exports.length);
    for (const { name, kind, index, raw } of exports) {
      payload.name(name);
      payload.byte(KIND_CODES[kind]);
      if (raw === true) payload.u32(index);
      else
        payload.u32(
          kind === "function"
            ? injection.functionIndex(index)
            : kind === "global"
              ? injection.globalIndex(index)
              : index,
        );
    }
  }

  /** Copies a range outside code and renumbers the functions and globals that it names. */
  #patched(payload: ByteWriter, start: number, end: number): void {
    const { bytes, firstFunctionReferences: functions, globalReferences: globals } = this.#module;
    const { injection } = this.#rewrite;
    const shifts = injection.shiftedGlobals !== Number.POSITIVE_INFINITY;
    let cursor = start;
    let nextFunction = firstAtOrBehind(functions, start);
    let nextGlobal = shifts ? firstAtOrBehind(globals, start) : globals.length;
    for (;;) {
      const functionAt = functions[nextFunction] ?? Number.POSITIVE_INFINITY;
      const globalAt = globals[nextGlobal] ?? Number.POSITIVE_INFINITY;
      const at = Math.min(functionAt, globalAt);
      if (at >= end) break;
      payload.copy(bytes, cursor, at);
      if (functionAt < globalAt) {
        payload.u32(injection.functionIndex(functions[nextFunction + 2] as number));
        cursor = functions[nextFunction + 1] as number;
        nextFunction += 3;
      } else {
        payload.u32(injection.globalIndex(globals[nextGlobal + 2] as number));
        cursor = globals[nextGlobal + 1] as number;
        nextGlobal += 3;
      }
    }
    payload.copy(bytes, cursor, end);
  }

  #code(): void {
    const { module, injection, edits, plans, branchHints, limits } = this.#rewrite;
    const defined = plans.length;
    const code = new ByteWriter(Math.ceil(module.bytes.length * 1.3) + 1024);
    const hints = new ByteWriter(1024);
    let hinted = 0;
    const emitter = new BodyEmitter(module, injection, edits);
    code.u32(defined + injection.functions.length);
    for (let index = 1; index <= defined; index++) {
      const body = index % defined;
      emitter.emit(code, body, plans[body] as FunctionPlan);
      if (code.length > limits.outputBytes) this.#tooLarge();
      if (emitter.unlikely.length === 0) continue;
      hinted++;
      hints.u32(module.importedFunctions + index);
      hints.u32(emitter.unlikely.length);
      for (const offset of emitter.unlikely) {
        hints.u32(offset);
        hints.byte(1);
        hints.byte(0);
      }
    }
    for (const { body } of injection.functions) {
      code.u32(body.length);
      code.bytes(body);
    }
    if (branchHints && hinted > 0) {
      const section = new ByteWriter(hints.length + 64);
      section.name("metadata.code.branch_hint");
      section.u32(hinted);
      section.bytes(hints.view());
      this.#append(SECTION.custom, section);
    }
    this.#append(SECTION.code, code);
  }
}

/** Index of the first triple whose place is at or behind `place`. */
function firstAtOrBehind(triples: readonly number[], place: number): number {
  let low = 0;
  let high = triples.length / 3;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((triples[middle * 3] as number) < place) low = middle + 1;
    else high = middle;
  }
  return low * 3;
}

function writeGlobal(payload: ByteWriter, value: number): void {
  payload.byte(0x7f);
  payload.byte(1);
  payload.byte(0x41);
  payload.signed(value);
  payload.byte(0x0b);
}

function writeLimits(
  payload: ByteWriter,
  store: { readonly minimum: number; readonly shared: boolean; readonly wide: boolean; readonly pageSizeLog2?: number },
  maximum: number | undefined,
): void {
  const customPage = store.pageSizeLog2 !== undefined && store.pageSizeLog2 !== 16;
  payload.byte((maximum === undefined ? 0 : 1) | (store.shared ? 2 : 0) | (store.wide ? 4 : 0) | (customPage ? 8 : 0));
  payload.u64(store.minimum);
  if (maximum !== undefined) payload.u64(maximum);
}
