import { ByteWriter } from "../../../internal/byte-writer.ts";
import type { FunctionType, WasmModule } from "../../binary/module.ts";
import { Assembler } from "./assembler.ts";
import { OP } from "../../binary/opcodes.ts";
import { CATCHES } from "../scan/module-scan.ts";

/** `catch_all` among the clauses of a `try_table`. */
const CATCH_ALL_CLAUSE = 2;

/** A function added behind the module's own. `body` holds locals and code, without its size. */
export interface AddedFunction {
  readonly type: number;
  readonly body: Uint8Array;
}

/**
 * What a rewrite adds to a module, and where everything stands afterwards.
 *
 * No function index shifts but one: the import `exhausted` takes the index of the first defined function, which moves
 * behind all the others. Globals shift only when the fuel global is imported, and with it perhaps the depth of calls.
 */
export class Injection {
  readonly module: WasmModule;
  /** Index of the import `exhausted`, and so the former index of the function that moves. */
  readonly exhausted: number;
  /** New index of the first defined function. */
  readonly movedTo: number;
  readonly fuel: number;
  readonly stack: number;
  /** Global indices from here on are shifted. */
  readonly shiftedGlobals: number;
  /** By how much. */
  readonly globalShift: number;
  readonly #firstAdded: number;
  readonly #types: Uint8Array[] = [];
  readonly #typeIndices: Map<string, number> = new Map();
  readonly #functions: AddedFunction[] = [];
  readonly #functionIndices: Map<string, number> = new Map();
  /** Function that is called when the fuel global is negative: asks `exhausted` and traps if told to. */
  readonly slowPath: number;

  constructor(module: WasmModule, importFuel: boolean, importStack = false) {
    const defined = module.functionTypes.length - module.importedFunctions;
    this.module = module;
    this.exhausted = module.importedFunctions;
    this.movedTo = module.importedFunctions + defined;
    this.#firstAdded = this.movedTo + 1;
    this.shiftedGlobals = importFuel ? module.importedGlobals : Number.POSITIVE_INFINITY;
    this.fuel = importFuel ? module.importedGlobals : module.globals.length;
    this.globalShift = importStack ? 2 : 1;
    // One behind the fuel global, or behind all if that one is among the imports.
    this.stack = importStack ? this.fuel + 1 : module.globals.length + 1;
    this.slowPath = this.function("exhausted", [], [], (code) => this.#writeSlowPath(code, 0));
  }

  /**
   * Says how the module catches exceptions (flags of `CATCHES`), if it does: its handlers must not see that asking the
   * host failed. Where the engine's stack ends a host's function throws before its first statement, and a guest that
   * caught that in a loop would never be asked again.
   */
  guardSlowPath(encodings: number): void {
    if (encodings === 0) return;
    const code = new Assembler(128);
    this.#writeSlowPath(code, encodings);
    const index = this.slowPath - this.#firstAdded;
    const added = this.#functions[index];
    if (added !== undefined) this.#functions[index] = { type: added.type, body: code.finish() };
  }

  #writeSlowPath(code: Assembler, encodings: number): void {
    code.u32(0);
    code.open(OP.loop);
    if ((encodings & CATCHES.tryTable) !== 0) {
      // block $answered (block $failed (try_table (catch_all $failed) … br $answered) end) unreachable end
      code.open(OP.block).open(OP.block).open(OP.tryTable).u32(1);
      code.byte(CATCH_ALL_CLAUSE);
      code.u32(0);
      this.#ask(code);
      code.op(OP.br, 2).end().end().op(OP.unreachable).end();
    } else if (encodings !== 0) {
      code.open(OP.try);
      this.#ask(code);
      code.op(OP.catchAll).op(OP.unreachable).end();
    } else this.#ask(code);
    // Far below zero (a gauge that gives credit, or small slices behind a large charge): ask again, lest it wraps.
    code.op(OP.globalGet, this.fuel).i32(-LARGEST_CHARGE).op(OP.i32LtS).op(OP.brIf, 0);
    code.end().end();
  }

  #ask(code: Assembler): void {
    code.op(OP.call, this.exhausted);
    code.open(OP.if).op(OP.unreachable).end();
  }

  /** New index of a function of the module as given. */
  functionIndex(index: number): number {
    return index === this.exhausted ? this.movedTo : index;
  }

  globalIndex(index: number): number {
    return index >= this.shiftedGlobals ? index + this.globalShift : index;
  }

  get types(): readonly Uint8Array[] {
    return this.#types;
  }

  get functions(): readonly AddedFunction[] {
    return this.#functions;
  }

  /** Index of a function type, added on first use. Parameters and results are encoded value types. */
  type(params: readonly Uint8Array[], results: readonly Uint8Array[]): number {
    const writer = new ByteWriter(16);
    writer.byte(0x60);
    for (const list of [params, results]) {
      writer.u32(list.length);
      for (const type of list) writer.bytes(type);
    }
    return this.#encodedType(writer.finish());
  }

  /** Index of the type that takes nothing and returns what `type` returns. */
  resultType(type: FunctionType): number {
    const writer = new ByteWriter(16);
    writer.byte(0x60);
    writer.byte(0);
    writer.u32(type.results.length);
    writer.copy(this.module.bytes, type.resultsStart, type.resultsEnd);
    return this.#encodedType(writer.finish());
  }

  #encodedType(encoded: Uint8Array): number {
    const key = encoded.join();
    let index = this.#typeIndices.get(key);
    if (index === undefined) {
      index = this.module.types.length + this.#types.length;
      this.#types.push(encoded);
      this.#typeIndices.set(key, index);
    }
    return index;
  }

  /** Index of an added function, built on first use of its key. `build` writes locals and code. */
  function(
    key: string,
    params: readonly Uint8Array[],
    results: readonly Uint8Array[],
    build: (code: Assembler) => void,
  ): number {
    let index = this.#functionIndices.get(key);
    if (index === undefined) {
      const type = this.type(params, results);
      const code = new Assembler(128);
      build(code);
      index = this.#firstAdded + this.#functions.length;
      this.#functions.push({ type, body: code.finish() });
      this.#functionIndices.set(key, index);
    }
    return index;
  }
}

/** Index of the function that takes a loop's debt, charges it and checks. Must exist before the first body is written. */
export function payDebt(injection: Injection): number {
  return injection.function("debt", [I32], [], (code) => {
    code.u32(0);
    code.op(OP.globalGet, injection.fuel).op(OP.localGet, 0).op(OP.i32Sub).op(OP.globalSet, injection.fuel);
    code.op(OP.globalGet, injection.fuel).i32(0).op(OP.i32LtS);
    code.open(OP.if).op(OP.call, injection.slowPath).end().end();
  });
}

/** No charge between two checks is larger, so that the i32 counter, which the slow path keeps above −2^30, cannot wrap. */
export const LARGEST_CHARGE: number = 2 ** 30;

export const I32: Uint8Array = Uint8Array.of(0x7f);
export const I64: Uint8Array = Uint8Array.of(0x7e);
