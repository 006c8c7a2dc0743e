import { InstructionReader } from "../../binary/instruction-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import { OP } from "../../binary/opcodes.ts";
import type { RewriteLimits } from "../../limits.ts";
import { enterBody } from "./body-reader.ts";
import { isSized } from "./size-charges.ts";

/** Facts about one loop that have to be known at its header. */
export const LOOP = {
  /** Some branch goes back to it. */
  repeats: 1,
  /** A call, a throw or an operation charged by size stands inside. */
  calls: 2,
  /** A large `br_table` stands directly inside: an interpreter's dispatch. */
  dispatches: 8,
  /** One conditional stands directly inside. */
  decides: 16,
  /** More than one does. */
  decidesMore: 32,
  /** Floating-point arithmetic stands directly inside. */
  floats: 64,
  /** So small, without a loop or a branch but `br` and `br_if` inside, that its body may be written several times. */
  tiny: 128,
} as const;

/** Opcodes of floating-point arithmetic, `f32.abs` to `f64.copysign`. */
const FIRST_FLOAT = 0x8b;
const LAST_FLOAT = 0xa6;
/** Targets of a `br_table` that make it an interpreter's. */
const DISPATCH_TARGETS = 48;

/** Bytes of a loop's body that may be written several times. */
export const TINY_BODY: number = 80;
/** Functions of more bytes stay as they are: they may be as large as engines take. */
const UNROLLED_FUNCTION = 1 << 16;

export const DEBT = { always: 0x7fff_ffff, never: -1 } as const;

/** What the first pass finds out about all function bodies. */
export interface ModuleScan {
  /** Direct callees that are defined, by defined function: `callees[calleeStart[f] … calleeStart[f + 1])`, as defined indices. */
  readonly callees: Int32Array;
  readonly calleeStart: Int32Array;
  /** 1 for each defined function that calls an import, through a table or through a reference. */
  readonly callsOut: Uint8Array;
  /** 1 for each defined function that can catch exceptions. */
  readonly catches: Uint8Array;
  /** Flags of all loops, in order of appearance: those of function f begin at `loopStart[f]`. */
  readonly loops: Uint8Array;
  /**
   * A branch that leaves a loop in a way that has no place for a flush (a table, a cast, values on the stack) may only
   * lead into another debt loop. Number of the outermost loop that has to be one for each loop to be one;
   * `DEBT.always`: none, `DEBT.never`: such a branch leaves all loops.
   */
  readonly debtWithin: Int32Array;
  readonly loopStart: Int32Array;
}

/** Reads every instruction once. @throws WardianError for malformed structure. */
export function scanModule(module: WasmModule, limits: RewriteLimits): ModuleScan {
  return new Scanner(module, limits).scan();
}

class Scanner {
  readonly #module: WasmModule;
  readonly #limits: RewriteLimits;
  readonly #reader: InstructionReader;
  #callees: Int32Array = new Int32Array(1024);
  #calleeCount = 0;
  #loops: Uint8Array = new Uint8Array(1024);
  #debtWithin: Int32Array = new Int32Array(1024);
  #loopCount = 0;
  /** Loop number of each open block, or -1. */
  readonly #frames: Int32Array;
  /** Innermost loop around the target of a branch to each open block (for a loop, itself), or -1. */
  readonly #enclosing: Int32Array;
  /** Whether a branch to each open block takes values along. */
  readonly #carries: Uint8Array;
  #depth = 0;
  /** Numbers of the open loops. */
  readonly #open: number[] = [];
  /** The open loops up to this one are known to hold a call. */
  #marked = 0;
  #catches = false;
  /** Where the innermost loop's body begins, and the last instruction that bars its loops from being `tiny`. */
  #bodyStart = 0;
  #awkwardAt = 0;

  constructor(module: WasmModule, limits: RewriteLimits) {
    this.#module = module;
    this.#limits = limits;
    this.#reader = new InstructionReader(module.bytes, 0, 0, limits.branchTargets);
    this.#reader.types = module.types.length;
    this.#frames = new Int32Array(limits.nesting + 2);
    this.#enclosing = new Int32Array(limits.nesting + 2);
    this.#carries = new Uint8Array(limits.nesting + 2);
  }

  scan(): ModuleScan {
    const defined = this.#module.bodies.length / 2;
    const calleeStart = new Int32Array(defined + 1);
    const loopStart = new Int32Array(defined + 1);
    const callsOut = new Uint8Array(defined);
    const catches = new Uint8Array(defined);
    for (let index = 0; index < defined; index++) {
      enterBody(this.#reader, this.#module, index, this.#limits);
      this.#catches = false;
      const type = this.#module.types[this.#module.functionTypes[this.#module.importedFunctions + index] as number];
      const results = type?.kind === "function" ? type.results.length : 0;
      if (this.#body(calleeStart[index] as number, results)) callsOut[index] = 1;
      if (this.#catches) catches[index] = 1;
      calleeStart[index + 1] = this.#calleeCount;
      loopStart[index + 1] = this.#loopCount;
    }
    return {
      callees: this.#callees,
      calleeStart,
      callsOut,
      catches,
      loops: this.#loops,
      debtWithin: this.#debtWithin,
      loopStart,
    };
  }

  /** Returns whether the body calls anything but functions of the module directly. */
  #body(firstCallee: number, results: number): boolean {
    const reader = this.#reader;
    const { importedFunctions, functionTypes, bytes } = this.#module;
    let callsOut = false;
    this.#frames[0] = -1;
    this.#enclosing[0] = -1;
    this.#carries[0] = results > 0 ? 1 : 0;
    this.#depth = 1;
    this.#open.length = 0;
    this.#marked = 0;
    this.#awkwardAt = reader.end - reader.position > UNROLLED_FUNCTION ? reader.end : 0;
    while (reader.next()) {
      const { op } = reader;
      if (this.#depth === 0) reader.fail("code behind the end of a function", reader.start);
      switch (op) {
        case OP.block:
          this.#push(-1);
          break;
        case OP.if:
          this.#decides();
          this.#push(-1);
          break;
        case OP.try:
          this.#catches = true;
          this.#awkward();
          this.#push(-1);
          break;
        case OP.tryTable:
          this.#catches = true;
          this.#awkward();
          this.#catchClauses();
          this.#push(-1);
          break;
        case OP.loop:
          this.#awkward();
          this.#openLoop();
          break;
        case OP.end:
        case OP.delegate:
          this.#close();
          break;
        case OP.br:
          this.#branch(reader.index, false);
          break;
        case OP.brIf:
          this.#decides();
          this.#branch(reader.index, reader.index < this.#depth && this.#carries[this.#depth - 1 - reader.index] === 1);
          break;
        case OP.brOnNull:
        case OP.brOnNonNull:
        case OP.brOnCast:
        case OP.brOnCastFail:
          this.#awkward();
          this.#branch(reader.index, true);
          break;
        case OP.brTable: {
          const end = reader.position;
          this.#awkward();
          reader.position = reader.entries;
          if (reader.count >= DISPATCH_TARGETS) this.#mark(LOOP.dispatches);
          for (let entry = 0; entry <= reader.count; entry++) this.#branch(reader.u32(), true);
          reader.position = end;
          break;
        }
        case OP.call:
        case OP.returnCall:
          if (reader.index >= functionTypes.length) reader.fail("function does not exist", reader.start);
          if (reader.index < importedFunctions) callsOut = true;
          else this.#callee(reader.index - importedFunctions, firstCallee);
          // A call that cannot come back (a panic) takes part in no turn of the loop.
          if (op === OP.call && bytes[reader.position] !== OP.unreachable) this.#markCall();
          break;
        case OP.callIndirect:
        case OP.callRef:
          callsOut = true;
          this.#markCall();
          break;
        case OP.returnCallIndirect:
        case OP.returnCallRef:
          callsOut = true;
          break;
        case OP.throw:
        case OP.rethrow:
        case OP.throwRef:
          this.#markCall();
          break;
        default:
          if (op >= FIRST_FLOAT && op <= LAST_FLOAT) this.#mark(LOOP.floats);
          else if (op >= OP.memoryGrow && isSized(op)) this.#markCall();
      }
    }
    if (this.#depth !== 0) reader.fail("function has no end");
    return callsOut;
  }

  #push(loop: number): void {
    const { index, indexStart, bytes } = this.#reader;
    const type = index >= 0 ? this.#module.types[index] : undefined;
    const values =
      type?.kind === "function"
        ? (loop >= 0 ? type.params : type.results).length
        : index < 0 && loop < 0 && bytes[indexStart] !== 0x40
          ? 1
          : 0;
    this.#carries[this.#depth] = values > 0 ? 1 : 0;
    this.#enclosing[this.#depth] = loop >= 0 ? loop : (this.#open[this.#open.length - 1] ?? -1);
    this.#frames[this.#depth++] = loop;
    if (this.#depth > this.#limits.nesting)
      this.#reader.tooLarge("nesting of blocks", this.#depth, this.#limits.nesting);
  }

  #openLoop(): void {
    if (this.#loopCount === this.#loops.length) {
      const grown = new Uint8Array(this.#loopCount * 2);
      grown.set(this.#loops);
      this.#loops = grown;
      const grownDebt = new Int32Array(this.#loopCount * 2);
      grownDebt.set(this.#debtWithin);
      this.#debtWithin = grownDebt;
    }
    this.#debtWithin[this.#loopCount] = DEBT.always;
    this.#loops[this.#loopCount] = 0;
    this.#open.push(this.#loopCount);
    this.#bodyStart = this.#reader.position;
    this.#push(this.#loopCount++);
  }

  #close(): void {
    const loop = this.#frames[--this.#depth] as number;
    if (loop < 0) return;
    this.#open.pop();
    // Behind an inner loop, which is awkward, the place is that of the inner loop's body, and does no harm.
    if (this.#awkwardAt < this.#bodyStart && this.#reader.start - this.#bodyStart <= TINY_BODY)
      this.#loops[loop] = (this.#loops[loop] as number) | LOOP.tiny;
    this.#awkward();
    this.#marked = Math.min(this.#marked, this.#open.length);
    const outer = this.#open[this.#open.length - 1];
    if (outer === undefined) return;
    // What holds for the inner loop holds for the outer, unless it is about the outer itself.
    const within = this.#debtWithin[loop] as number;
    if (within < outer) this.#restrict(outer, within);
  }

  /** The current instruction bars the loops around it from being `tiny`. */
  #awkward(): void {
    if (this.#reader.start > this.#awkwardAt) this.#awkwardAt = this.#reader.start;
  }

  #decides(): void {
    const loop = this.#open[this.#open.length - 1];
    if (loop === undefined) return;
    const flags = this.#loops[loop] as number;
    this.#loops[loop] = flags | ((flags & LOOP.decides) === 0 ? LOOP.decides : LOOP.decidesMore);
  }

  /** Marks the innermost loop. */
  #mark(flag: number): void {
    const loop = this.#open[this.#open.length - 1];
    if (loop !== undefined) this.#loops[loop] = (this.#loops[loop] as number) | flag;
  }

  #restrict(loop: number, within: number): void {
    if (within < (this.#debtWithin[loop] as number)) this.#debtWithin[loop] = within;
  }

  /** `awkward`: there is no place on the way for a flush. */
  #branch(label: number, awkward: boolean): void {
    if (label >= this.#depth) this.#reader.fail("label does not exist", this.#reader.start);
    const frame = this.#depth - 1 - label;
    const loop = this.#frames[frame] as number;
    if (loop >= 0) this.#loops[loop] = (this.#loops[loop] as number) | LOOP.repeats;
    if (!awkward) return;
    const innermost = this.#open[this.#open.length - 1];
    const within = this.#enclosing[frame] as number;
    if (innermost !== undefined && innermost !== within) this.#restrict(innermost, within);
  }

  #catchClauses(): void {
    const reader = this.#reader;
    const end = reader.position;
    reader.position = reader.entries;
    for (let entry = 0; entry < reader.count; entry++) {
      reader.skipCatchClause();
      this.#branch(reader.second, true);
    }
    reader.position = end;
  }

  #callee(defined: number, firstCallee: number): void {
    // Neighbours repeat often; the rest of the duplicates does no harm.
    for (let index = this.#calleeCount - 1; index >= firstCallee && index > this.#calleeCount - 5; index--) {
      if (this.#callees[index] === defined) return;
    }
    if (this.#calleeCount === this.#callees.length) {
      const grown = new Int32Array(this.#calleeCount * 2);
      grown.set(this.#callees);
      this.#callees = grown;
    }
    this.#callees[this.#calleeCount++] = defined;
  }

  /** Marks every open loop; each is marked once, so that deep nests stay linear. */
  #markCall(): void {
    for (; this.#marked < this.#open.length; this.#marked++) {
      const loop = this.#open[this.#marked] as number;
      this.#loops[loop] = (this.#loops[loop] as number) | LOOP.calls;
    }
  }
}
