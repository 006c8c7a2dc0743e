import { InstructionReader } from "../binary/instruction-reader.ts";
import { OP } from "../binary/opcodes.ts";
import { at, clearState, copyState, FIELD, FIELDS, joinState, leaveLoops } from "./flow-state.ts";
import type { States } from "./flow-state.ts";
import { IMPORTED, INDIRECT, NOT_A_SIZER } from "./module-facts.ts";
import type { FunctionSummary, MeteringProblem, ModuleFacts } from "./module-facts.ts";
import { FROM_DEBT, FROM_LIFTED, FROM_SIZE, isSecret, SymbolicStack, VALUE } from "./symbolic-stack.ts";
import { isSized, leastShift } from "./weights.ts";

/** Largest amount of a single charge: two of them and a slice can't wrap the i32. */
const LARGEST_CHARGE = 2 ** 30;
/** Largest limit of a debt. */
const LARGEST_DEBT = 2 ** 24;
/** Longest run of a bulk memory operation between two checks, in bytes or elements. */
const LARGEST_CHUNK = 2 ** 22;
/** Longest atomic wait in nanoseconds. */
const LONGEST_WAIT = 10_000_000;
/** Instructions of a function that only charges: its caller has paid for it as for the operation it stands for. */
const SERVICE_WEIGHT = 256;
/** Times that a function is read again because a loop brought back a debt: loops can only nest so deep in practice. */
const MAX_ROUNDS = 24;

/** Most units of work that are counted to. */
const LARGEST_RUN = 2 ** 30;
/** What a loop's back edge usually brings: taken for granted, to read fewer functions twice. */
const USUAL_RUN = 2_000;
/** More than this many problems of a function tell nothing new. */
const MAX_PROBLEMS = 100;
/** Sizes in locals that are followed at a time. */
const MAX_SIZES = 4;

const KIND = { block: 0, loop: 1, if: 2, else: 3, try: 4, catch: 5, tryTable: 6 } as const;

/** An open block. Plain mutable record: there are as many as the nesting is deep, reused from function to function. */
interface Frame {
  kind: number;
  /** Loops around (for a loop: and including) it. */
  depth: number;
  /** The code before it was unreachable. */
  dead: boolean;
  /** A branch has reached its label. */
  reached: boolean;
  /** `try`: an exception may arrive. `if`: the `else` side is reachable. */
  second: boolean;
  catchAll: boolean;
  outerTry: number;
  loop: number;
  credit: number;
  run: number;
  flushed: number;
  /** `if`: a constant that lies on the stack below. */
  constant: number | undefined;
  /** `if`: asks whether fuel is below something. */
  checks: boolean;
  /** `try_table`: where its clauses begin, and how many. */
  entries: number;
  count: number;
}

/** Reads one function body once, in order, carrying the state of flow-state.ts along; joins at labels. */
export class FunctionVerifier {
  readonly #facts: ModuleFacts;
  readonly #reader: InstructionReader;
  readonly #stack: SymbolicStack = new SymbolicStack();
  /** State 0 is the current one, 1 scratch, then two for each frame: at its label, and for exceptions or `else`. */
  #states: States = new Int32Array(FIELDS * 64);
  readonly #frames: Frame[] = [];
  readonly #sizes: Map<number, { readonly amount: number; readonly local: number; readonly shift: number }> = new Map();
  /** By number of the loop in its function: a debt, a flush comes back with the branch to its header. */
  readonly #loopDirty: Set<number> = new Set();
  readonly #loopFlushed: Map<number, number> = new Map();
  readonly #loopOpen: Set<number> = new Set();
  readonly #loopRun: Map<number, number> = new Map();
  #again = false;
  #function = 0;
  #debt = -1;
  #top = -1;
  #depth = 0;
  #live = true;
  #try = -1;
  #loops = 0;
  #instructions = 0;
  #checks = 0;
  #charges = 0;
  #debtLimit = 0;
  /** The debt was taken off the fuel and is not yet set to zero. */
  #owesReset = false;
  #counter = -1;
  /** The counter local was just set to what fuel is about to be set to, or, behind that, equals fuel. */
  #counterState: "stale" | "ahead" | "equal" = "stale";
  #leaf = true;
  #keepsParameter = true;
  #callsIndirectly = false;
  #passable = false;
  /** Has taken its parameter off the fuel, on every path. */
  #settled = false;
  /** Calls the `exhausted` import. */
  #asks = false;
  /** Does an operation of run-time size that it has charged. */
  #service = false;
  #need = 0;
  readonly #undercharged: { readonly offset: number; readonly units: number }[] = [];
  #problems: MeteringProblem[] = [];
  #longestRun = 0;
  #prefix = 0;
  #through = 0;

  constructor(facts: ModuleFacts) {
    this.#facts = facts;
    this.#reader = new InstructionReader(facts.module.bytes, 0, 0);
  }

  verify(index: number): FunctionSummary {
    const facts = this.#facts;
    this.#function = index;
    this.#debt = facts.debts[index] ?? -1;
    this.#counter = facts.counters[index] ?? -1;
    this.#loopDirty.clear();
    this.#loopFlushed.clear();
    this.#loopOpen.clear();
    this.#loopRun.clear();
    // Read again until what is assumed of the loops' back edges holds.
    let round = 0;
    do {
      this.#problems = [];
      facts.calls.begin(index);
      this.#walk();
      round++;
    } while (this.#again && round < MAX_ROUNDS);
    if (this.#again) this.#problem("its loops can't be followed", facts.module.bodies[0]);
    this.#conclude(index);
    return {
      passable: this.#passable,
      longestRun: this.#longestRun + 2 * this.#debtLimit,
      problems: this.#problems,
      loops: this.#loops,
      checks: this.#checks,
      charges: this.#charges,
      callsIndirectly: this.#callsIndirectly,
    };
  }

  /** What the callers have to know. */
  #conclude(index: number): void {
    const facts = this.#facts;
    const small = this.#leaf && this.#instructions <= SERVICE_WEIGHT;
    if (small && this.#asks && !this.#passable) facts.askers[index] = 1;
    if (facts.settlers[index] === 1) {
      if (small && this.#settled && !this.#passable) facts.settlers[index] = 2;
      else this.#problem("a function that takes a parameter off the fuel does not check");
    }
    facts.passable[index] = this.#passable ? 1 : 0;
    facts.prefix[index] = this.#prefix + 2 * this.#debtLimit;
    facts.through[index] = this.#through;
    // What only charges is paid for as the operation that it stands for.
    if (small && (this.#service || this.#asks || this.#settled)) return;
    facts.prepaid[index] = this.#need;
    for (const { offset, units } of this.#undercharged) this.#problem(`a cycle that is charged too little, by ${String(units)}`, offset);
  }

  #walk(): void {
    const { module } = this.#facts;
    const defined = this.#function - module.importedFunctions;
    const reader = this.#reader;
    reader.reset(module.bodies[defined * 2] ?? 0, module.bodies[defined * 2 + 1] ?? 0);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.valueType();
    }
    this.#again = false;
    this.#top = -1;
    this.#depth = 0;
    this.#live = true;
    this.#try = -1;
    this.#loops = 0;
    this.#instructions = 0;
    this.#checks = 0;
    this.#charges = 0;
    this.#debtLimit = 0;
    this.#owesReset = false;
    this.#counterState = "stale";
    this.#leaf = true;
    this.#keepsParameter = true;
    this.#callsIndirectly = false;
    this.#passable = false;
    this.#asks = false;
    this.#settled = false;
    this.#undercharged.length = 0;
    this.#longestRun = 0;
    this.#prefix = 0;
    this.#through = 0;
    this.#service = false;
    this.#need = 0;
    this.#stack.clear();
    this.#sizes.clear();
    clearState(this.#states, 0);
    this.#open(KIND.block);
    while (this.#top >= 0 && reader.next()) this.#instruction(reader.op);
  }

  #problem(problem: string, offset: number = this.#reader.start): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ function: this.#function, offset, problem });
  }

  // ---- instructions

  #instruction(op: number): void {
    if (!this.#live && !isStructure(op)) return;
    switch (op) {
      case OP.i32Const:
        this.#stack.push(VALUE.constant, this.#reader.index);
        return;
      case OP.i64Const:
        this.#stack.push(VALUE.constant, this.#i64Constant());
        return;
      case OP.localGet:
        this.#localGet(this.#reader.index);
        return;
      case OP.localSet:
        this.#localSet(this.#reader.index);
        return;
      case OP.localTee:
        this.#localTee(this.#reader.index);
        return;
      case OP.globalGet:
        if (this.#reader.index === this.#facts.fuel) {
          this.#stack.push(VALUE.fuel, 0, 0);
          return;
        }
        this.#stack.push(VALUE.unknown);
        this.#work(op);
        return;
      case OP.globalSet:
        if (this.#reader.index === this.#facts.fuel) this.#setFuel();
        else this.#plain(op);
        return;
      case OP.i32Sub:
      case OP.i32Add:
      case 0x74: // i32.shl
      case OP.i32ShrU:
      case OP.i32LtS:
      case OP.i32GeS:
      case OP.i32LtU:
      case OP.i32GeU:
      case OP.i32GtU:
      case OP.i64GtU:
        this.#binary(op);
        return;
      case OP.i32WrapI64:
        this.#wrap();
        this.#work(op);
        return;
      case OP.select:
        this.#select();
        this.#work(op);
        return;
      case OP.drop:
        this.#stack.pop();
        if (isSecret(this.#stack.kind)) this.#problem("fuel, debt or the host's answer is dropped");
        return;
      case OP.nop:
        return;
      case OP.block:
      case OP.loop:
      case OP.if:
      case OP.try:
      case OP.tryTable:
      case OP.else:
      case OP.catch:
      case OP.catchAll:
      case OP.delegate:
      case OP.end:
        this.#structure(op);
        return;
      default:
        if (isBranch(op)) this.#branch(op);
        else if (isCall(op)) this.#call(op);
        else if (isSized(op)) this.#sized(op);
        else this.#plain(op);
    }
  }

  /** An instruction that is not followed. */
  #plain(op: number): void {
    if (op === OP.atomicWait32 || op === OP.atomicWait64) {
      this.#stack.peek();
      if (this.#stack.kind !== VALUE.size || this.#stack.amount > LONGEST_WAIT) this.#problem("an atomic wait may block without bound");
    }
    if (op === OP.arrayNewFixed) this.#burn(this.#reader.second);
    this.#forget();
    this.#work(op);
  }

  #work(op: number): void {
    this.#instructions++;
    this.#burn(this.#facts.cost(op));
  }

  /** Work that is done here. */
  #burn(units: number): void {
    this.#owe(units);
    this.#run(units, units);
  }

  /** Work that has to be paid here. */
  #owe(units: number): void {
    this.#states[FIELD.credit] = Math.max(at(this.#states, FIELD.credit) - units, -0x4000_0000);
  }

  /** Unchecked work: `prefix` until the next check at most, `through` if there is none. */
  #run(prefix: number, through: number): void {
    const states = this.#states;
    const run = at(states, FIELD.run);
    this.#longestRun = Math.max(this.#longestRun, run + prefix);
    states[FIELD.run] = Math.min(run + through, LARGEST_RUN);
    if (at(states, FIELD.checked) >= 0) return;
    const since = at(states, FIELD.through);
    this.#prefix = Math.max(this.#prefix, since + prefix);
    states[FIELD.through] = Math.min(since + through, LARGEST_RUN);
  }

  #forget(): void {
    if (this.#stack.clear()) this.#problem("fuel, debt or the host's answer escapes");
  }

  /** Where control may come or go, nothing on the stack and no half-done flush may be left. */
  #boundary(mayOwe = false): void {
    this.#forget();
    this.#sizes.clear();
    this.#counterState = "stale";
    if (this.#owesReset && !mayOwe) {
      this.#problem("the debt was flushed and not cleared");
      this.#owesReset = false;
    }
  }

  #i64Constant(): number {
    const { bytes, start, position } = this.#reader;
    let value = 0;
    let scale = 1;
    for (let i = start + 1; i < position; i++) {
      const byte = bytes[i] as number;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80 && (byte & 0x40) !== 0) value -= scale;
    }
    return value;
  }

  // ---- values

  #localGet(local: number): void {
    if (local === this.#debt) {
      this.#stack.push(VALUE.debt, 0, local);
      return;
    }
    if (local === this.#counter) {
      if (this.#counterState !== "equal") this.#problem("fuel escapes through a local");
      this.#stack.push(VALUE.fuel, 0, 0);
      return;
    }
    const size = this.#sizes.get(local);
    if (size === undefined) this.#stack.push(VALUE.local, 0, local);
    else this.#stack.push(VALUE.size, size.amount, size.local, size.shift);
  }

  #localSet(local: number): void {
    const stack = this.#stack;
    stack.pop();
    if (local === this.#debt) {
      this.#setDebt();
      return;
    }
    if (isSecret(stack.kind)) {
      this.#problem("fuel, debt or the host's answer escapes into a local");
    }
    if (local === this.#counter) this.#problem("the counter is set without a charge");
    const { kind, amount, local: source, shift } = stack;
    this.#overwrite(local);
    if (kind === VALUE.size && source !== local && this.#sizes.size < MAX_SIZES) this.#sizes.set(local, { amount, local: source, shift });
  }

  #localTee(local: number): void {
    const stack = this.#stack;
    if (local === this.#debt) {
      stack.pop();
      this.#setDebt();
      stack.push(VALUE.debt, 0, local);
      return;
    }
    stack.peek();
    if (local === this.#counter) {
      if (stack.kind !== VALUE.fuel) this.#problem("the counter holds something else than fuel");
      this.#counterState = stack.amount === 0 && stack.local === 0 ? "equal" : "ahead";
      return;
    }
    const { kind, amount } = stack;
    this.#localSet(local);
    if (kind === VALUE.constant) stack.push(kind, amount);
    else stack.push(VALUE.local, 0, local);
  }

  #overwrite(local: number): void {
    if (local === 0) this.#keepsParameter = false;
    this.#stack.forget(local);
    this.#sizes.delete(local);
    for (const [key, size] of this.#sizes) if (size.local === local) this.#sizes.delete(key);
    if (at(this.#states, FIELD.paidLocal) === local) this.#states[FIELD.paidLocal] = -1;
    if (at(this.#states, FIELD.cappedLocal) === local) this.#states[FIELD.cappedLocal] = -1;
  }

  /** `debt = debt + n` charges, `debt = 0` ends a flush; nothing else may happen to it. The new value was popped. */
  #setDebt(): void {
    const { kind, amount } = this.#stack;
    const states = this.#states;
    const lifted = kind === VALUE.constant && amount === 0 && !this.#owesReset && this.#stack.lift();
    this.#stack.forget(this.#debt);
    if (this.#facts.settlers[this.#function] === 1) this.#problem("a debt to settle is changed");
    if (kind === VALUE.debt && amount >= 0) {
      if (this.#owesReset) this.#problem("the debt is charged before its flush is done");
      this.#charge(amount);
      if (amount > 0) states[FIELD.indebted] = this.#depth;
      states[FIELD.dirty] = 1;
      states[FIELD.below] = -1;
      states[FIELD.entryBelow] = -1;
      const compared = at(states, FIELD.resettled);
      states[FIELD.openTo] = compared < this.#depth ? this.#depth : -1;
      states[FIELD.openFrom] = compared;
    } else if (kind === VALUE.constant && amount === 0) {
      if (this.#owesReset || lifted) {
        states[FIELD.resettled] = this.#depth;
        states[FIELD.openTo] = -1;
      } else if (at(states, FIELD.dirty) !== 0) this.#problem("the debt is forgotten");
      this.#owesReset = false;
      states[FIELD.dirty] = 0;
      states[FIELD.below] = 1;
    } else this.#problem("the debt is set to something else than more debt");
  }

  #setFuel(): void {
    const stack = this.#stack;
    const states = this.#states;
    stack.pop();
    this.#counterState = this.#counterState === "ahead" ? "equal" : "stale";
    if (stack.kind !== VALUE.fuel) {
      this.#problem("fuel is set to something else than less fuel");
      return;
    }
    this.#charge(stack.amount);
    if ((stack.local & FROM_DEBT) !== 0) {
      if (this.#facts.settlers[this.#function] === 1) this.#settled = this.#top === 0;
      else this.#owesReset = true;
    }
    if ((stack.local & (FROM_DEBT | FROM_LIFTED)) !== 0) states[FIELD.flushed] = this.#depth;
    if ((stack.local & FROM_SIZE) !== 0) {
      if (at(states, FIELD.unproven) !== 0) this.#problem("two charges of run-time size without a check between them");
      states[FIELD.unproven] = 1;
      states[FIELD.paidLocal] = stack.shift >> 8;
      states[FIELD.paidShift] = (stack.shift << 24) >> 24;
    }
  }

  #charge(units: number): void {
    if (units > 0) {
      this.#charges++;
      this.#states[FIELD.charged] = this.#depth;
      this.#states[FIELD.credit] = Math.min(at(this.#states, FIELD.credit) + units, LARGEST_CHARGE);
    }
  }

  #binary(op: number): void {
    const stack = this.#stack;
    stack.pop();
    const { kind, amount, local, shift } = stack;
    stack.pop();
    if (stack.kind === VALUE.fuel && this.#fuelBinary(op, kind, amount, local, shift)) return;
    if (stack.kind === VALUE.debt && kind === VALUE.constant && this.#debtBinary(op, stack.amount, amount)) return;
    if (kind === VALUE.debt && stack.kind === VALUE.constant && op === OP.i32Add && this.#debtBinary(op, amount, stack.amount)) return;
    if (isSecret(kind) || isSecret(stack.kind)) this.#problem("fuel, debt or the host's answer escapes");
    this.#work(op);
    if (kind === VALUE.constant) this.#sizeBinary(op, amount);
    else stack.push(VALUE.unknown);
  }

  /** The left operand (in the stack's fields) is fuel. */
  #fuelBinary(op: number, kind: number, amount: number, local: number, shift: number): boolean {
    const stack = this.#stack;
    const { amount: charged, local: flags, shift: source } = stack;
    if (op === OP.i32Sub) {
      if (kind === VALUE.constant && amount >= 0 && charged + amount <= LARGEST_CHARGE) stack.push(VALUE.fuel, charged + amount, flags, source);
      else if (kind === VALUE.debt && (flags & FROM_DEBT) === 0) stack.push(VALUE.fuel, charged + amount, flags | FROM_DEBT, source);
      else if (kind === VALUE.lifted && (flags & FROM_LIFTED) === 0) stack.push(VALUE.fuel, charged, flags | FROM_LIFTED, source);
      else if (kind === VALUE.size && (flags & FROM_SIZE) === 0) stack.push(VALUE.fuel, charged, flags | FROM_SIZE, (local << 8) | (shift & 0xff));
      else return false;
      return true;
    }
    if (op === OP.i32Add && kind === VALUE.constant && amount <= 0 && charged - amount <= LARGEST_CHARGE) {
      stack.push(VALUE.fuel, charged - amount, flags, source);
      return true;
    }
    if (kind !== VALUE.constant || charged !== 0 || flags !== 0) return false;
    if (op === OP.i32LtS) stack.push(VALUE.fuelBelow, amount);
    else if (op === OP.i32GeS) stack.push(VALUE.fuelReached, amount);
    else return false;
    return true;
  }

  #debtBinary(op: number, amount: number, constant: number): boolean {
    const stack = this.#stack;
    const limit = constant - amount;
    if (op === OP.i32Add && constant >= 0 && amount + constant <= LARGEST_DEBT) stack.push(VALUE.debt, amount + constant, this.#debt);
    else if (limit <= 0 || limit > LARGEST_DEBT) return false;
    else if (op === OP.i32GeS || op === OP.i32GeU) stack.push(VALUE.debtReached, limit);
    else if (op === OP.i32GtU) stack.push(VALUE.debtReached, limit + 1);
    else if (op === OP.i32LtS || op === OP.i32LtU) stack.push(VALUE.debtBelow, limit);
    else return false;
    return true;
  }

  /** The left operand is in the stack's fields, the right one is a constant. */
  #sizeBinary(op: number, constant: number): void {
    const stack = this.#stack;
    const { kind, local } = stack;
    if ((op === OP.i32GtU || op === OP.i64GtU) && kind === VALUE.local) {
      stack.push(VALUE.above, constant, local);
      return;
    }
    const capped = kind === VALUE.local && at(this.#states, FIELD.cappedLocal) === local;
    const largest = kind === VALUE.size ? stack.amount : capped ? at(this.#states, FIELD.cap) : 0xffff_ffff;
    const before = kind === VALUE.size ? stack.shift : 0;
    const by = constant & 31;
    const known = kind === VALUE.local || kind === VALUE.size;
    if (known && op === 0x74 && largest * 2 ** by <= LARGEST_CHARGE) stack.push(VALUE.size, largest * 2 ** by, local, before + by);
    else if (known && op === OP.i32ShrU && Math.floor(largest / 2 ** by) <= LARGEST_CHARGE) {
      stack.push(VALUE.size, Math.floor(largest / 2 ** by), local, before - by);
    } else stack.push(VALUE.unknown);
  }

  #wrap(): void {
    const stack = this.#stack;
    stack.pop();
    if (stack.kind === VALUE.local) {
      const exact = at(this.#states, FIELD.cappedLocal) === stack.local;
      stack.push(exact ? VALUE.local : VALUE.wrapped, 0, stack.local);
    } else stack.push(VALUE.unknown);
  }

  /** `select(c, x, x > c)` is the smaller of both. */
  #select(): void {
    const stack = this.#stack;
    stack.pop();
    const { kind, amount, local } = stack;
    stack.pop();
    const { kind: elseKind, local: elseLocal } = stack;
    stack.pop();
    if (isSecret(kind) || isSecret(elseKind) || isSecret(stack.kind)) this.#problem("fuel, debt or the host's answer escapes");
    const isLocal = (elseKind === VALUE.local || elseKind === VALUE.wrapped) && elseLocal === local;
    if (kind === VALUE.above && isLocal && stack.kind === VALUE.constant && stack.amount === amount && amount >= 0 && amount <= LARGEST_CHARGE) {
      stack.push(VALUE.size, amount, local);
    } else stack.push(VALUE.unknown);
  }

  // ---- work of run-time size

  #sized(op: number): void {
    const stack = this.#stack;
    const states = this.#states;
    const least = leastShift(op);
    stack.peek();
    const { kind, amount, local, shift } = stack;
    const bulk = op !== OP.memoryGrow && (op & 0xff000) === 0xfc000;
    if (kind === VALUE.constant && amount >>> 0 <= LARGEST_CHUNK) {
      this.#burn(Math.floor((amount >>> 0) * 2 ** least));
    } else if (kind === VALUE.paid && shift >= least) {
      this.#service = true;
    } else if (kind === VALUE.local && at(states, FIELD.paidLocal) === local && at(states, FIELD.paidShift) >= least) {
      this.#service = true;
      const cap = at(states, FIELD.cappedLocal) === local ? at(states, FIELD.cap) : Number.POSITIVE_INFINITY;
      if (bulk && cap > LARGEST_CHUNK) this.#problem("a bulk operation may run long without a check");
      states[FIELD.paidLocal] = -1;
    } else if (this.#facts.module.bytes[this.#reader.position] !== OP.unreachable) {
      this.#problem("an operation of run-time size is not charged by its size");
    }
    if (at(states, FIELD.unproven) !== 0) this.#problem("an operation of run-time size stands before the check of its charge");
    this.#forget();
    this.#work(op);
  }

  // ---- calls

  #call(op: number): void {
    const reader = this.#reader;
    const facts = this.#facts;
    const states = this.#states;
    const direct = op === OP.call || op === OP.returnCall;
    const callee = direct ? reader.index : INDIRECT;
    if (callee === facts.exhausted) {
      this.#forget();
      this.#asks = true;
      if (op === OP.call) this.#stack.push(VALUE.answer);
      else this.#problem("the host's answer is ignored");
      return;
    }
    if (op === OP.call && facts.askers[callee] === 1) {
      // Where the engine's stack ends, the host can't be asked and the call throws instead.
      if (this.#try >= 0) this.#throwPoint();
      this.#forget();
      this.#check(0);
      return;
    }
    if ((facts.settlers[callee] ?? 0) > 0) {
      this.#stack.pop();
      if (op !== OP.call || facts.settlers[callee] !== 2) this.#problem("a debt is settled by a function that may not do it");
      const { kind, amount } = this.#stack;
      if ((kind !== VALUE.debt && kind !== VALUE.lifted) || amount !== 0) this.#problem("something else than the debt is settled");
      this.#forget();
      this.#check(0);
      this.#owesReset = kind === VALUE.debt;
      return;
    }
    if (op === OP.call && facts.sizers[callee] !== NOT_A_SIZER) {
      this.#stack.pop();
      this.#stack.push(VALUE.paid, 0, -1, facts.sizers[callee]);
      if (facts.passable[callee] === 0) this.#checkedBelow();
      return;
    }
    if (op === OP.call && (facts.cutters[callee] ?? 0) > 0) {
      this.#stack.pop();
      this.#stack.push(VALUE.size, facts.cutters[callee]);
      if (facts.passable[callee] === 0) this.#checkedBelow();
      return;
    }
    this.#boundary();
    this.#leaf = false;
    const imported = direct && callee < facts.module.importedFunctions;
    if (at(states, FIELD.unproven) !== 0) this.#problem("a call stands before the check of a charge");
    const tail = op === OP.returnCall || op === OP.returnCallIndirect || op === OP.returnCallRef;
    facts.calls.call(imported ? IMPORTED : callee, at(states, FIELD.checked) >= 0);
    this.#work(op);
    if (!direct) {
      this.#callsIndirectly = true;
      this.#owe(facts.indirectPrepaid);
      this.#run(facts.indirectPrefix, facts.indirectThrough);
    } else if (!imported) {
      this.#owe(facts.prepaid[callee] ?? 0);
      this.#run(facts.prefix[callee] ?? 0, facts.passable[callee] === 0 ? 0 : (facts.through[callee] ?? 0));
    }
    if (tail) {
      if (direct && facts.passable[callee] === 0) this.#checkedBelow();
      this.#branchTo(0, 0);
      this.#live = false;
      return;
    }
    // A callee that throws may have worked as long as it does before its first check.
    const before = at(states, FIELD.run);
    states[FIELD.run] = Math.min(before + (direct ? (facts.prefix[callee] ?? 0) : facts.indirectPrefix), LARGEST_RUN);
    this.#throwPoint();
    states[FIELD.run] = before;
    if (direct && facts.passable[callee] === 0) this.#checkedBelow();
  }

  /** The function that was called has checked. */
  #checkedBelow(): void {
    this.#check(0);
    this.#checks--;
  }

  /** Fuel was found enough, or the host was asked. */
  #check(state: number): void {
    const states = this.#states;
    this.#checks++;
    states[state + FIELD.checked] = this.#depth;
    states[state + FIELD.bounded] = this.#depth;
    states[state + FIELD.indebted] = this.#depth;
    states[state + FIELD.flushed] = -1;
    states[state + FIELD.unproven] = 0;
    states[state + FIELD.run] = 0;
  }

  // ---- control

  #structure(op: number): void {
    const boundary = op === OP.end && this.#top === 0;
    if (boundary) this.#signature();
    const condition = op === OP.if && this.#live;
    if (condition) this.#stack.pop();
    const { kind, amount, local } = this.#stack;
    const length = condition && isCondition(kind) ? this.#constantOnTop() : undefined;
    // The check of a flush may stand before the debt is cleared.
    const checks = op === OP.if ? kind === VALUE.fuelBelow : op === OP.end && this.#frame(this.#top).checks;
    if (this.#live) this.#boundary(checks);
    else this.#stack.clear();
    switch (op) {
      case OP.block:
        this.#open(KIND.block);
        return;
      case OP.loop:
        this.#openLoop();
        return;
      case OP.if:
        this.#openIf(kind, amount, local);
        this.#frame(this.#top).constant = length;
        this.#frame(this.#top).checks = checks;
        return;
      case OP.try:
        this.#open(KIND.try);
        this.#try = this.#top;
        return;
      case OP.tryTable: {
        const frame = this.#open(KIND.tryTable);
        frame.entries = this.#reader.entries;
        frame.count = this.#reader.count;
        this.#try = this.#top;
        return;
      }
      case OP.else: {
        const frame = this.#frame(this.#top);
        if (this.#live) this.#branchTo(this.#top, 0);
        frame.kind = KIND.else;
        this.#enterSecond(frame);
        return;
      }
      case OP.catch:
      case OP.catchAll: {
        const frame = this.#frame(this.#top);
        if (this.#live) this.#branchTo(this.#top, 0);
        if (frame.kind === KIND.try) this.#try = frame.outerTry;
        frame.kind = KIND.catch;
        if (op === OP.catchAll) frame.catchAll = true;
        this.#enterSecond(frame);
        return;
      }
      default:
        this.#close(op === OP.delegate);
    }
  }

  /** A check may stand between a constant length and its operation: what an `if` without parameters finds, it leaves. */
  #constantOnTop(): number | undefined {
    if (this.#facts.module.bytes[this.#reader.indexStart] !== 0x40) return undefined;
    this.#stack.peek();
    return this.#stack.kind === VALUE.constant ? this.#stack.amount : undefined;
  }

  /** Is this a function that charges for its parameter and hands it back, or cuts it? */
  #signature(): void {
    const frame = this.#frame(0);
    if (!this.#live || frame.reached || !this.#keepsParameter) return;
    this.#stack.peek();
    const { kind, local, amount } = this.#stack;
    const state = this.#states;
    const type = this.#facts.module.types[this.#facts.module.functionTypes[this.#function] ?? -1];
    if (type?.kind !== "function" || type.params.length !== 1 || type.results.length !== 1 || type.params[0] !== type.results[0]) return;
    if (at(state, FIELD.checked) < 0 || !this.#leaf) return;
    if (kind === VALUE.local && local === 0 && at(state, FIELD.paidLocal) === 0) {
      this.#facts.sizers[this.#function] = at(state, FIELD.paidShift);
      this.#service = true;
    }
    if (kind === VALUE.size && local === 0 && at(state, FIELD.charged) >= 0) {
      this.#facts.cutters[this.#function] = amount;
      this.#service = true;
    }
  }

  #openLoop(): void {
    this.#depth++;
    const frame = this.#open(KIND.loop);
    frame.loop = this.#loops++;
    if (!this.#live) return;
    const states = this.#states;
    frame.credit = at(states, FIELD.credit);
    states[FIELD.entryBelow] = at(states, FIELD.below);
    states[FIELD.below] = -1;
    states[FIELD.paidLocal] = -1;
    states[FIELD.cappedLocal] = -1;
    if (this.#loopDirty.has(frame.loop)) states[FIELD.dirty] = 1;
    const run = Math.max(USUAL_RUN, this.#loopRun.get(frame.loop) ?? 0);
    frame.run = Math.max(at(states, FIELD.run), run);
    states[FIELD.run] = frame.run;
    if (this.#loopOpen.has(frame.loop)) {
      states[FIELD.openTo] = this.#depth - 1;
      states[FIELD.openFrom] = -1;
    }
    frame.flushed = Math.max(at(states, FIELD.flushed), this.#loopFlushed.get(frame.loop) ?? -1);
    states[FIELD.flushed] = frame.flushed;
  }

  #openIf(kind: number, amount: number, local: number): void {
    if (this.#live && kind === VALUE.answer) {
      const { bytes } = this.#facts.module;
      const { position } = this.#reader;
      if (bytes[position] !== OP.unreachable || bytes[position + 1] !== OP.end) this.#problem("the host's answer does not stop the guest");
    }
    if (this.#live && !isCondition(kind)) this.#work(OP.if);
    const frame = this.#open(KIND.if);
    if (!this.#live) return;
    frame.second = true;
    copyState(this.#states, this.#secondState(this.#top), 0);
    this.#assume(this.#secondState(this.#top), kind, amount, local, false);
    this.#assume(0, kind, amount, local, true);
  }

  /** What follows for a state from a condition being true or false. */
  #assume(state: number, kind: number, amount: number, local: number, holds: boolean): void {
    const states = this.#states;
    const depth = this.#depth;
    const reached = kind === VALUE.debtReached ? holds : !holds;
    switch (kind) {
      case VALUE.fuelBelow:
        if (!holds && amount >= 0) this.#check(state);
        return;
      case VALUE.fuelReached:
        if (holds && amount >= 0) this.#check(state);
        return;
      case VALUE.answer:
        // The guest has trapped if the answer was not zero.
        if (!holds) this.#check(state);
        return;
      case VALUE.above:
        if (holds || amount > 0x7fff_ffff || amount < 0) return;
        states[state + FIELD.cappedLocal] = local;
        states[state + FIELD.cap] = amount;
        return;
      case VALUE.debtReached:
      case VALUE.debtBelow:
        this.#debtLimit = Math.max(this.#debtLimit, amount);
        if (!reached) {
          states[state + FIELD.bounded] = depth;
          states[state + FIELD.resettled] = depth;
          states[state + FIELD.openTo] = -1;
          states[state + FIELD.below] = amount;
          states[state + FIELD.run] = 0;
          states[state + FIELD.through] = 0;
          return;
        }
        // The debt was below its limit when the loop was entered, and was not charged since the header: so this is not
        // the first turn, and what every turn has to prove has happened since the header of the loop around.
        if (at(states, state + FIELD.entryBelow) >= 0 && at(states, state + FIELD.entryBelow) <= amount) {
          for (const field of [FIELD.bounded, FIELD.indebted, FIELD.charged, FIELD.resettled]) {
            states[state + field] = Math.max(at(states, state + field), depth - 1);
          }
        }
        return;
      default:
    }
  }

  #branch(op: number): void {
    const reader = this.#reader;
    switch (op) {
      case OP.brIf: {
        this.#stack.pop();
        const { kind, amount, local } = this.#stack;
        if (kind === VALUE.answer) this.#problem("the host's answer does not stop the guest");
        const counter = this.#counterState;
        this.#boundary();
        if (!isCondition(kind)) this.#work(op);
        else this.#counterState = counter;
        const taken = this.#scratch();
        copyState(this.#states, taken, 0);
        this.#assume(taken, kind, amount, local, true);
        this.#branchTo(this.#top - reader.index, taken, kind === VALUE.fuelBelow && amount <= 0);
        this.#assume(0, kind, amount, local, false);
        return;
      }
      case OP.br:
        this.#boundary();
        this.#branchTo(this.#top - reader.index, 0);
        this.#live = false;
        return;
      case OP.brTable: {
        this.#boundary();
        this.#work(op);
        const end = reader.position;
        reader.position = reader.entries;
        // A table of a thousand entries has few distinct targets next to each other.
        let last = -1;
        for (let entry = 0; entry <= reader.count; entry++) {
          const label = reader.u32();
          if (label !== last) this.#branchTo(this.#top - label, 0);
          last = label;
        }
        reader.position = end;
        this.#live = false;
        return;
      }
      case OP.return:
        this.#boundary();
        this.#branchTo(0, 0);
        this.#live = false;
        return;
      case OP.unreachable:
        // Everything may be left half-done before a trap.
        this.#stack.clear();
        this.#sizes.clear();
        this.#owesReset = false;
        this.#live = false;
        return;
      case OP.throw:
      case OP.throwRef:
      case OP.rethrow:
        this.#boundary();
        this.#work(op);
        this.#throwPoint();
        this.#live = false;
        return;
      default:
        // br_on_null, br_on_non_null, br_on_cast, br_on_cast_fail
        this.#boundary();
        this.#work(op);
        this.#branchTo(this.#top - reader.index, 0);
    }
  }

  #branchTo(target: number, state: number, waits = false): void {
    const frame = this.#frames[target];
    if (frame === undefined || target > this.#top || target < 0) {
      this.#problem("a branch leaves the function");
      return;
    }
    if (frame.kind === KIND.loop) {
      this.#backEdge(frame, state, waits);
      return;
    }
    this.#joinInto(this.#labelState(target), state, frame.depth, frame.reached);
    frame.reached = true;
  }

  /** Joins a copy of `state`, seen from loop depth `depth`, into another one. */
  #joinInto(into: number, state: number, depth: number, reached: boolean): void {
    const states = this.#states;
    if (!reached) {
      copyState(states, into, state);
      leaveLoops(states, into, depth);
      return;
    }
    const scratch = FIELDS;
    copyState(states, scratch, state);
    leaveLoops(states, scratch, depth);
    joinState(states, into, scratch);
  }

  /** The proof for all cycles through a loop header: what must lie on every path from it back to it. */
  #backEdge(frame: Frame, state: number, waits: boolean): void {
    const states = this.#states;
    const { depth, loop } = frame;
    const has = (field: number): boolean => at(states, state + field) >= depth;
    // While fuel is below zero and every turn asks the host, there is no turn without its consent.
    if (!has(FIELD.charged) && !(waits && has(FIELD.checked))) this.#problem("a cycle without a charge");
    if (!has(FIELD.checked)) {
      if (!has(FIELD.bounded)) this.#problem("a cycle without a check");
      else if (!has(FIELD.indebted)) this.#problem("a cycle that compares the debt but does not charge it");
      else if (has(FIELD.flushed)) this.#problem("a cycle that flushes the debt and does not check the fuel");
    }
    const [openFrom, openTo] = [at(states, state + FIELD.openFrom), at(states, state + FIELD.openTo)];
    if (openFrom < depth && openTo >= depth) this.#problem("a cycle that charges the debt but does not compare it");
    if (at(states, state + FIELD.unproven) !== 0) this.#problem("a cycle with an unchecked charge of run-time size");
    if (at(states, state + FIELD.credit) < frame.credit && !waits) {
      this.#undercharged.push({ offset: this.#reader.start, units: frame.credit - at(states, state + FIELD.credit) });
    }
    if (at(states, state + FIELD.dirty) !== 0 && !this.#loopDirty.has(loop)) {
      this.#loopDirty.add(loop);
      this.#again = true;
    }
    const run = at(states, state + FIELD.run);
    if (run > frame.run) {
      this.#loopRun.set(loop, run);
      this.#again = true;
    }
    if (Math.min(openTo, depth - 1) > openFrom && !this.#loopOpen.has(loop)) {
      this.#loopOpen.add(loop);
      this.#again = true;
    }
    const flushed = Math.min(at(states, state + FIELD.flushed), depth - 1);
    if (flushed > frame.flushed) {
      this.#loopFlushed.set(loop, flushed);
      this.#again = true;
    }
  }

  /** An exception may leave from here. */
  #throwPoint(): void {
    this.#throwTo(this.#try, 0);
  }

  #throwTo(target: number, state: number): void {
    const states = this.#states;
    if (target >= 0) {
      const frame = this.#frame(target);
      this.#joinInto(this.#secondState(target), state, frame.depth, frame.second);
      frame.second = true;
      return;
    }
    if (this.#facts.exceptions && at(states, state + FIELD.dirty) !== 0) this.#problem("an exception may leave the debt unpaid");
  }

  #close(delegates: boolean): void {
    const frame = this.#frame(this.#top);
    const index = this.#top;
    if (frame.kind === KIND.loop) {
      if (this.#live) leaveLoops(this.#states, 0, frame.depth - 1);
      this.#depth--;
      this.#top--;
      return;
    }
    if (frame.kind === KIND.if && frame.second) {
      // No else: its path goes straight on.
      this.#joinInto(this.#labelState(index), this.#secondState(index), frame.depth, frame.reached);
      frame.reached = true;
    }
    if (frame.kind === KIND.try || frame.kind === KIND.tryTable) this.#try = frame.outerTry;
    if (frame.second && frame.kind >= KIND.try) this.#dispatch(frame, index, delegates);
    if (frame.reached) {
      if (this.#live) joinState(this.#states, 0, this.#labelState(index));
      else copyState(this.#states, 0, this.#labelState(index));
      this.#live = true;
    }
    if (this.#live) leaveLoops(this.#states, 0, frame.depth);
    this.#depth = frame.depth;
    this.#top--;
    if (this.#live && frame.kind === KIND.if && frame.constant !== undefined) this.#stack.push(VALUE.constant, frame.constant);
    if (index === 0 && this.#live) this.#exit();
  }

  /** Hands the exceptions of a closed `try` to its clauses and to the next one around it. */
  #dispatch(frame: Frame, index: number, delegates: boolean): void {
    const state = this.#secondState(index);
    if (frame.kind === KIND.tryTable) {
      const reader = this.#reader;
      const { position } = reader;
      reader.position = frame.entries;
      for (let clause = 0; clause < frame.count; clause++) {
        if ((this.#facts.module.bytes[reader.position] ?? 0) >= 2) frame.catchAll = true;
        reader.skipCatchClause();
        this.#branchTo(index - 1 - reader.second, state);
      }
      reader.position = position;
    }
    if (frame.catchAll) return;
    let target = frame.outerTry;
    if (delegates) while (target >= 0 && target > index - 1 - this.#reader.index) target = this.#frame(target).outerTry;
    this.#throwTo(target, state);
  }

  #exit(): void {
    const states = this.#states;
    if (at(states, FIELD.checked) < 0) this.#passable = true;
    if (at(states, FIELD.dirty) !== 0) this.#problem("the function may return with unpaid debt");
    if (at(states, FIELD.unproven) !== 0) this.#problem("the function may return with an unchecked charge");
    this.#need = Math.max(this.#need, -at(states, FIELD.credit));
    // A debt that was flushed and not checked goes with the path.
    this.#through = at(states, FIELD.through) + (at(states, FIELD.flushed) >= 0 ? 2 * this.#debtLimit : 0);
  }

  #enterSecond(frame: Frame): void {
    this.#live = frame.second && !frame.dead;
    if (this.#live) copyState(this.#states, 0, this.#secondState(this.#top));
    this.#depth = frame.depth;
    if (frame.kind === KIND.else) frame.second = false;
  }

  // ---- frames

  #open(kind: number): Frame {
    this.#top++;
    let frame = this.#frames[this.#top];
    if (frame === undefined) {
      frame = { kind, depth: 0, dead: false, reached: false, second: false, catchAll: false, outerTry: -1, loop: 0, credit: 0, run: 0, flushed: -1, constant: undefined, checks: false, entries: 0, count: 0 };
      this.#frames.push(frame);
    }
    frame.kind = kind;
    frame.depth = this.#depth;
    frame.dead = !this.#live;
    frame.reached = false;
    frame.second = false;
    frame.catchAll = false;
    frame.constant = undefined;
    frame.checks = false;
    frame.outerTry = this.#try;
    const needed = (this.#top + 3) * 2 * FIELDS;
    if (needed > this.#states.length) {
      const grown = new Int32Array(needed * 2);
      grown.set(this.#states);
      this.#states = grown;
    }
    return frame;
  }

  #frame(index: number): Frame {
    return this.#frames[index] as Frame;
  }

  #labelState(frame: number): number {
    return (2 + frame * 2) * FIELDS;
  }

  #secondState(frame: number): number {
    return (3 + frame * 2) * FIELDS;
  }

  /** For a branch that is taken under a condition. Above the open frames. */
  #scratch(): number {
    return this.#labelState(this.#top + 1);
  }
}

/** Conditions that only injected code has: the guest doesn't pay for them. */
function isCondition(kind: number): boolean {
  return kind >= VALUE.fuelBelow && kind <= VALUE.debtBelow;
}

function isStructure(op: number): boolean {
  return (
    (op >= OP.block && op <= OP.catch) || op === OP.end || op === OP.delegate || op === OP.catchAll || op === OP.tryTable
  );
}

function isBranch(op: number): boolean {
  return (
    (op >= OP.br && op <= OP.return) ||
    op === OP.unreachable ||
    op === OP.throw ||
    op === OP.rethrow ||
    op === OP.throwRef ||
    op === OP.brOnNull ||
    op === OP.brOnNonNull ||
    op === OP.brOnCast ||
    op === OP.brOnCastFail
  );
}

function isCall(op: number): boolean {
  return op >= OP.call && op <= OP.returnCallRef;
}
