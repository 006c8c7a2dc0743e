import { ByteReader } from "../../../internal/byte-reader.ts";
import type { ByteWriter } from "../../../internal/byte-writer.ts";
import type { WasmModule } from "../../binary/module.ts";
import { OP } from "../../binary/opcodes.ts";
import { Assembler } from "./assembler.ts";
import { EDIT, type EditList, type FunctionPlan } from "../plan/edits.ts";
import { payDebt, type Injection } from "./injection.ts";

/** Units that a loop may owe before it pays: about a microsecond. */
export const DEBT_QUANTUM = 20_000;

/** Writes function bodies with their edits. */
export class BodyEmitter {
  readonly #module: WasmModule;
  readonly #injection: Injection;
  readonly #edits: EditList;
  /** Index of the debt local of the current function. */
  #debt = 0;
  /** Index of its stack local. */
  #level = 0;
  /** Index of its check local. */
  #counter = 0;
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
    let cursor = this.#locals(bodies[defined * 2] as number, plan);
    this.#debt = plan.locals;
    this.#level = plan.locals + (plan.debtLocal ? 1 : 0);
    this.#counter = this.#level + (plan.stackLocal ? 1 : 0);
    for (let edit = plan.first; edit < plan.last; edit++) {
      code.copy(bytes, cursor, this.#edits.at(edit));
      cursor = this.#edits.until(edit);
      this.#apply(edit);
    }
    code.copy(bytes, cursor, end);
    target.u32(code.length);
    target.bytes(code.view());
  }

  /** Writes the declarations of locals; returns the place up to which the input is dealt with. */
  #locals(start: number, { debtLocal, stackLocal, checkLocal, code: firstInstruction }: FunctionPlan): number {
    const addedLocals = (debtLocal ? 1 : 0) + (stackLocal ? 1 : 0) + (checkLocal ? 1 : 0);
    if (addedLocals === 0) return start;
    const { bytes } = this.#module;
    const reader = new ByteReader(bytes, start, firstInstruction);
    const code = this.#scratch;
    code.u32(reader.u32() + 1);
    code.copy(bytes, reader.position, firstInstruction);
    code.u32(addedLocals);
    code.byte(0x7f);
    return firstInstruction;
  }

  #apply(edit: number): void {
    const code = this.#scratch;
    const a = this.#edits.a(edit);
    switch (this.#edits.kind(edit)) {
      case EDIT.charge:
        if (a !== 0) this.#charge(a);
        return;
      case EDIT.chargeAndCheck:
        if (a !== 0) this.#chargeAndCheck(() => code.i32(a));
        return;
      case EDIT.index:
        code.u32(a);
        return;
      case EDIT.call:
        code.op(OP.call, a);
        return;
      case EDIT.debt:
        this.#borrow(a);
        return;
      case EDIT.debtAndCheck:
        this.#borrow(a);
        this.#settle();
        return;
      case EDIT.flush:
        this.#flush();
        return;
      case EDIT.doubledLoop:
        this.#doubledLoop(edit, a);
        return;
      case EDIT.doubledCheckedLoop:
        this.#doubledCheckedLoop(edit, a);
        return;
      case EDIT.end:
        code.end();
        return;
      case EDIT.open:
        code.open(OP.block);
        return;
      case EDIT.turn:
        code.op(OP.br, a).end();
        if (this.#edits.b(edit) === 1) code.open(OP.block);
        return;
      case EDIT.exitIf:
        code.open(OP.if);
        this.#flush();
        code.op(OP.br, a).end();
        return;
      case EDIT.wrap:
        code.byte(OP.block);
        if (a < 0) code.byte(0x40);
        else code.signed(a);
        return;
      case EDIT.enterStack:
        this.#enterStack(a);
        return;
      case EDIT.saveStack:
        code.op(OP.globalGet, this.#injection.stack).op(OP.localSet, this.#level);
        return;
      case EDIT.restoreStack:
        code.op(OP.localGet, this.#level).op(OP.globalSet, this.#injection.stack);
        return;
      case EDIT.leaveStack:
        code.op(OP.globalGet, this.#injection.stack).i32(a).op(OP.i32Add).op(OP.globalSet, this.#injection.stack);
        return;
      default:
    }
  }

  #enterStack(bytes: number): void {
    const code = this.#scratch;
    const { stack } = this.#injection;
    code.op(OP.globalGet, stack).i32(bytes).op(OP.i32Sub).op(OP.localTee, this.#level).op(OP.globalSet, stack);
    code.op(OP.localGet, this.#level).i32(0).op(OP.i32LtS);
    this.unlikely.push(code.length);
    code.open(OP.if).op(OP.unreachable).end();
  }

  /** Adds to the debt local. */
  #borrow(units: number): void {
    this.#scratch.op(OP.localGet, this.#debt).i32(units).op(OP.i32Add).op(OP.localSet, this.#debt);
  }

  /** Pays the debt once it has reached the quantum. */
  #settle(): void {
    const code = this.#scratch;
    code.op(OP.localGet, this.#debt).i32(DEBT_QUANTUM).op(OP.i32GeS);
    this.unlikely.push(code.length);
    code
      .open(OP.if)
      .op(OP.localGet, this.#debt)
      .i32(0)
      .op(OP.localSet, this.#debt)
      .op(OP.call, payDebt(this.#injection))
      .end();
  }

  #flush(): void {
    const code = this.#scratch;
    // The local is cleared before anything can be called.
    this.#chargeAndCheck(() => code.op(OP.localGet, this.#debt).i32(0).op(OP.localSet, this.#debt));
  }

  /** Checks before it charges, so that a turn that had to go around by the slow path is not charged twice. */
  #doubledCheckedLoop(edit: number, units: number): void {
    const code = this.#scratch;
    const { fuel, slowPath } = this.#injection;
    const { bytes } = this.#module;
    code.copy(bytes, this.#edits.at(edit), this.#edits.until(edit));
    code.op(OP.globalGet, fuel).i32(0).op(OP.i32LtS);
    this.unlikely.push(code.length);
    code.open(OP.if).op(OP.call, slowPath).end();
    code.copy(bytes, this.#edits.at(edit), this.#edits.until(edit));
    code.op(OP.globalGet, fuel).op(OP.localTee, this.#counter).i32(0).op(OP.i32LtS);
    this.unlikely.push(code.length);
    code.op(OP.brIf, 1);
    code.op(OP.localGet, this.#counter).i32(units).op(OP.i32Sub).op(OP.globalSet, fuel);
  }

  #doubledLoop(edit: number, units: number): void {
    const code = this.#scratch;
    const { bytes } = this.#module;
    code.copy(bytes, this.#edits.at(edit), this.#edits.until(edit));
    this.#settle();
    code.copy(bytes, this.#edits.at(edit), this.#edits.until(edit));
    code.op(OP.localGet, this.#debt).i32(DEBT_QUANTUM).op(OP.i32GeS);
    this.unlikely.push(code.length);
    code.op(OP.brIf, 1);
    this.#borrow(units);
  }

  #charge(units: number): void {
    const { fuel } = this.#injection;
    this.#scratch.op(OP.globalGet, fuel).i32(units).op(OP.i32Sub).op(OP.globalSet, fuel);
  }

  /** The value goes through a local, which spares the check a load (3 to 4 % of QuickJS). */
  #chargeAndCheck(amount: () => void): void {
    const code = this.#scratch;
    const { fuel, slowPath } = this.#injection;
    code.op(OP.globalGet, fuel);
    amount();
    code.op(OP.i32Sub).op(OP.localTee, this.#counter).op(OP.globalSet, fuel);
    code.op(OP.localGet, this.#counter).i32(0).op(OP.i32LtS);
    this.unlikely.push(code.length);
    code.open(OP.if).op(OP.call, slowPath).end();
  }
}
