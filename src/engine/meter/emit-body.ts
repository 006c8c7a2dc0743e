import { ByteWriter } from "../../internal/byte-writer.ts";
import type { WasmModule } from "../binary/module.ts";
import { OP } from "../binary/opcodes.ts";
import { Assembler } from "./assembler.ts";
import { EDIT, type EditList, type FunctionPlan } from "./edits.ts";
import type { Injection } from "./injection.ts";

/** Writes function bodies with their edits. */
export class BodyEmitter {
  readonly #module: WasmModule;
  readonly #injection: Injection;
  readonly #edits: EditList;
  readonly #scratch: Assembler = new Assembler(1 << 16);
  /** Offsets (from the start of the body last emitted) of the branches that are hardly ever taken. */
  readonly unlikely: number[] = [];

  constructor(module: WasmModule, injection: Injection, edits: EditList) {
    this.#module = module;
    this.#injection = injection;
    this.#edits = edits;
  }

  /** Appends size and body of a defined function. */
  emit(target: ByteWriter, defined: number, plan: FunctionPlan): void {
    const code = this.#scratch;
    code.length = 0;
    this.unlikely.length = 0;
    const { bytes, bodies } = this.#module;
    const end = bodies[defined * 2 + 1] as number;
    let cursor = this.#locals(bodies[defined * 2] as number, plan.addedLocals);
    for (let edit = plan.first; edit < plan.last; edit++) {
      code.copy(bytes, cursor, this.#edits.at(edit));
      cursor = this.#edits.until(edit);
      this.#apply(edit);
    }
    code.copy(bytes, cursor, end);
    target.u32(code.length);
    target.bytes(code.view());
  }

  /** Writes the declarations up to the first group; returns the place behind the number of groups. */
  #locals(start: number, added: number): number {
    if (added === 0) return start;
    const { bytes } = this.#module;
    let cursor = start;
    let groups = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[cursor++] as number;
      groups |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    this.#scratch.u32(groups + 1);
    return cursor;
  }

  #apply(edit: number): void {
    const code = this.#scratch;
    const a = this.#edits.a(edit);
    switch (this.#edits.kind(edit)) {
      case EDIT.charge:
        if (a !== 0) this.#charge(a);
        return;
      case EDIT.chargeAndCheck:
        if (a === 0) return;
        this.#charge(a);
        this.#check();
        return;
      case EDIT.index:
        code.u32(a);
        return;
      default:
        code.op(OP.call, a);
    }
  }

  #charge(units: number): void {
    const { fuel } = this.#injection;
    this.#scratch.op(OP.globalGet, fuel).i32(units).op(OP.i32Sub).op(OP.globalSet, fuel);
  }

  #check(): void {
    const code = this.#scratch;
    code.op(OP.globalGet, this.#injection.fuel).i32(0).op(OP.i32LtS);
    this.unlikely.push(code.length);
    code.open(OP.if).op(OP.call, this.#injection.slowPath).end();
  }
}
