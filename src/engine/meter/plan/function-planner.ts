import { InstructionReader } from "../../binary/instruction-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import { OP } from "../../binary/opcodes.ts";
import type { RewriteLimits } from "../../limits.ts";
import { checkIndices, enterBody } from "./body-reader.ts";
import {
  INDIRECT_PAYABLE,
  MOST_UNCHECKED,
  UNKNOWN_WEIGHTS,
  type CalleeCosts,
  type Weights,
} from "../costs/callee-costs.ts";
import { copyPath, join, type ChargePoint, type Path } from "./charge-points.ts";
import { BULK_BYTES_SHIFT, COSTS, IMPORT_CALL_COST, prefixedCost } from "../costs/costs.ts";
import { EDIT, type EditList, type FunctionPlan } from "./edits.ts";
import type { Injection } from "../emit/injection.ts";
import { editMovedIndex } from "./moved-indices.ts";
import { TINY_BODY, DEBT, LOOP, type ModuleScan } from "./scan-module.ts";
import { Walk, type Frame } from "./walk.ts";
import { editSized, isSized } from "./size-charges.ts";

/** Copies and fills of at most so many constant bytes pay like plain code. */
const MOST_STATIC_BYTES = 256;

/**
 * Plans one function at a time: a single linear walk over the structured code.
 *
 * See `charge-points.ts` for the accounting. Loops without calls ("debt loops") add to a local, which is flushed into
 * the global every {@link DEBT_QUANTUM} units, before anything is called or thrown, and at exit.
 */
export class FunctionPlanner {
  readonly #module: WasmModule;
  readonly #injection: Injection;
  readonly #edits: EditList;
  readonly #limits: RewriteLimits;
  readonly #scan: ModuleScan;
  readonly #costs: CalleeCosts;
  readonly #reader: InstructionReader;
  readonly #walk: Walk;
  #nextLoop = 0;
  #usesDebt = false;
  #isHead = false;
  #wrap = -1;
  #type = 0;
  /** Numbers of the open debt loops. */
  readonly #debtNumbers: Set<number> = new Set();
  readonly #limitStack: boolean;
  /** Whether the function takes stack and gives it back. */
  #countsStack = false;
  /** Whether it has to bring the stack back to its own level when it catches. */
  #savesStack = false;
  /** Stack below the function, in callees that don't count their own. */
  #depthBelow = 0;
  /** Edits that take or give back stack: their amount is known at the end. */
  readonly #stackEdits: number[] = [];
  #constant = -1;
  #localCount = 0;
  /** Of the open loop whose body is written several times: where the body begins, and the turns still to write. */
  #turnStart = 0;
  #turnsLeft = 0;
  /** Bytes by which repeated bodies may still lengthen the module: a hostile one is full of tiny loops. */
  #spareBytes: number;

  constructor(
    module: WasmModule,
    injection: Injection,
    edits: EditList,
    limits: RewriteLimits,
    scan: ModuleScan,
    costs: CalleeCosts,
    limitStack: boolean,
  ) {
    this.#limitStack = limitStack;
    this.#spareBytes = LEAST_SPARE_BYTES + module.bytes.length / SPARE_SHARE;
    this.#module = module;
    this.#injection = injection;
    this.#edits = edits;
    this.#limits = limits;
    this.#scan = scan;
    this.#costs = costs;
    this.#reader = new InstructionReader(module.bytes, 0, 0, limits.branchTargets);
    this.#reader.types = module.types.length;
    this.#walk = new Walk(this.#reader, edits);
  }

  plan(defined: number): FunctionPlan {
    const reader = this.#reader;
    const edits = this.#edits;
    const locals = enterBody(reader, this.#module, defined, this.#limits);
    this.#localCount = locals;
    this.#type = this.#module.functionTypes[this.#module.importedFunctions + defined] as number;
    const first = edits.length;
    this.#nextLoop = this.#scan.loopStart[defined] as number;
    this.#usesDebt = false;
    this.#isHead = this.#costs.isHead(defined);
    this.#stackEdits.length = 0;
    this.#constant = -1;
    this.#turnsLeft = 0;
    const code = reader.position;
    const entry = this.#walk.begin(this.#costs.mostThrough(defined));
    this.#enterStack(defined);
    this.#wrap = edits.add(EDIT.none, reader.position, reader.position, 0);
    while (reader.next()) this.#instruction();
    this.#settleEntry(defined, entry);
    const depth = FRAME_UNITS + locals + this.#depthBelow;
    this.#costs.settleDepth(defined, depth);
    for (const edit of this.#stackEdits) edits.setA(edit, depth);
    return {
      first,
      last: edits.length,
      debtLocal: this.#usesDebt,
      stackLocal: this.#savesStack,
      checkLocal: this.#walk.checks,
      locals,
      code,
    };
  }

  #enterStack(defined: number): void {
    this.#depthBelow = 0;
    this.#countsStack = this.#limitStack && this.#isHead;
    this.#savesStack = this.#limitStack && this.#scan.catches[defined] === 1;
    const at = this.#reader.position;
    if (this.#countsStack) this.#stackEdits.push(this.#edits.add(EDIT.enterStack, at, at, 0, this.#savesStack ? 1 : 0));
    else if (this.#savesStack) this.#edits.add(EDIT.saveStack, at, at, 0);
  }

  /** Before the current instruction. */
  #leaveStack(): void {
    const at = this.#reader.start;
    if (this.#countsStack) this.#stackEdits.push(this.#edits.add(EDIT.leaveStack, at, at, 0, this.#savesStack ? 1 : 0));
  }

  /** Splits the entry's charge between callers and the function itself. */
  #settleEntry(defined: number, entry: ChargePoint): void {
    const weights = { prefix: this.#walk.prefix, through: this.#walk.through, suffix: this.#walk.suffix };
    this.#edits.setA(entry.edit, this.#costs.settle(defined, entry.charge, weights));
  }

  #instruction(): void {
    const reader = this.#reader;
    const { op } = reader;
    if (!checkIndices(reader, this.#localCount, this.#module.types.length))
      reader.fail("local or type does not exist", reader.start);
    const constant = this.#constant;
    this.#constant = -1;
    switch (op) {
      case OP.localGet:
      case OP.localSet:
      case OP.localTee:
      case OP.nop:
      case OP.drop:
        return;
      case OP.i32Const:
        this.#constant = reader.index;
        return;
      case OP.block:
      case OP.try:
        this.#walk.openBlock(op);
        return;
      case OP.tryTable:
        this.#openTryTable();
        return;
      case OP.if:
        this.#openIf();
        return;
      case OP.else:
        this.#else();
        return;
      case OP.loop:
        this.#openLoop();
        return;
      case OP.catch:
      case OP.catchAll:
        this.#catch();
        return;
      case OP.end:
      case OP.delegate:
        this.#close();
        return;
      case OP.br:
        if (this.#walk.leavesDebt(reader.index)) this.#walk.flush();
        this.#walk.shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
        this.#walk.branch(reader.index, this.#walk.path);
        this.#walk.path = undefined;
        return;
      case OP.brIf:
      case OP.brOnNull:
      case OP.brOnNonNull:
      case OP.brOnCast:
      case OP.brOnCastFail:
        this.#walk.pay(op > 0xff ? prefixedCost(op) : 1);
        if (op === OP.brIf && this.#walk.leavesDebt(reader.index)) this.#exitIf();
        else this.#walk.shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
        this.#walk.branch(reader.index, this.#walk.path);
        return;
      case OP.brTable:
        this.#branchTable();
        return;
      case OP.return:
        if (this.#walk.path !== undefined) {
          this.#walk.exit(this.#walk.path);
          this.#walk.flush();
          this.#leaveStack();
        }
        this.#walk.path = undefined;
        return;
      case OP.unreachable:
        this.#walk.path = undefined;
        return;
      case OP.call:
      case OP.callIndirect:
      case OP.callRef:
      case OP.returnCall:
      case OP.returnCallIndirect:
      case OP.returnCallRef:
        this.#call();
        return;
      case OP.throw:
      case OP.rethrow:
      case OP.throwRef:
        this.#walk.pay(COSTS[op] as number);
        this.#walk.flush();
        if (op === OP.rethrow) this.#walk.shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
        this.#walk.path = undefined;
        return;
      default:
        this.#plain(constant);
    }
  }

  #plain(constant: number): void {
    const reader = this.#reader;
    const { op } = reader;
    this.#walk.pay(op > 0xff ? prefixedCost(op) : (COSTS[op] as number));
    if (op === OP.globalGet || op === OP.globalSet || op === OP.refFunc)
      editMovedIndex(this.#edits, this.#injection, reader);
    else if (op >= OP.memoryGrow && isSized(op) && this.#walk.path !== undefined) {
      // Copies of structures have a constant size: paid like plain code.
      if ((op === OP.memoryCopy || op === OP.memoryFill) && constant >= 0 && constant <= MOST_STATIC_BYTES) {
        this.#walk.pay(constant >> BULK_BYTES_SHIFT);
        return;
      }
      this.#walk.flush();
      editSized(this.#edits, this.#injection, reader);
      this.#walk.checked(this.#walk.path);
    }
  }

  // Paying.

  #call(): void {
    const reader = this.#reader;
    const { op, index } = reader;
    const direct = op === OP.call || op === OP.returnCall;
    const { importedFunctions } = this.#module;
    let cost = COSTS[op] as number;
    let weights: Weights = UNKNOWN_WEIGHTS;
    let closesCycle = true;
    if (!direct) cost += INDIRECT_PAYABLE;
    else if (index < importedFunctions) cost += IMPORT_CALL_COST;
    else {
      const callee = index - importedFunctions;
      cost += this.#costs.payable(callee);
      weights = this.#costs.weights(callee);
      closesCycle = this.#costs.closesCycle(callee);
      this.#depthBelow = Math.max(this.#depthBelow, this.#costs.depth(callee));
    }
    const path = this.#walk.path;
    if (path !== undefined) {
      const mustCheck = this.#isHead && closesCycle && path.through >= 0;
      const { through, unchecked } = path;
      if (
        mustCheck ||
        unchecked + cost + weights.prefix > MOST_UNCHECKED ||
        (through >= 0 && through + cost + weights.through > this.#walk.mostThrough)
      ) {
        if (mustCheck || unchecked > 0) this.#walk.newPoint(path, cost, true);
        else this.#walk.pay(cost);
      } else this.#walk.pay(cost);
      // Behind the charge, which may have gone to the debt itself.
      this.#walk.flush();
      this.#called(weights);
    }
    const returns = op === OP.returnCall || op === OP.returnCallIndirect || op === OP.returnCallRef;
    if (returns && this.#walk.path !== undefined) {
      this.#walk.exit(this.#walk.path);
      this.#leaveStack();
    }
    if (direct) editMovedIndex(this.#edits, this.#injection, reader);
    if (returns) this.#walk.path = undefined;
  }

  /** The current path has come back from a callee. */
  #called({ prefix, through, suffix }: Weights): void {
    const path = this.#walk.path;
    if (path === undefined) return;
    if (path.through >= 0) {
      this.#walk.prefix = Math.max(this.#walk.prefix, path.through + prefix);
      path.through = through < 0 ? -1 : path.through + through;
    }
    path.unchecked = Math.max(suffix, through < 0 ? 0 : path.unchecked + through);
  }

  // Structure.

  #openIf(): void {
    this.#walk.pay(1);
    this.#walk.openBlock(OP.if);
    const path = this.#walk.path;
    const frame = this.#walk.top();
    if (path === undefined) return;
    frame.otherwise = copyPath(path);
    path.point.floor = Math.min(path.point.floor, path.least);
  }

  #else(): void {
    const frame = this.#walk.top();
    if (frame.op !== OP.if) this.#reader.fail("else without if", this.#reader.start);
    this.#walk.wait(frame, this.#walk.path);
    this.#walk.path = frame.otherwise;
    frame.otherwise = undefined;
    if (this.#walk.path !== undefined) this.#walk.refloor(this.#walk.path.point);
  }

  #openTryTable(): void {
    const reader = this.#reader;
    const end = reader.position;
    const catches: number[] = [];
    reader.position = reader.entries;
    for (let entry = 0; entry < reader.count; entry++) {
      if (reader.byte() < 2) reader.u32();
      const at = reader.position;
      const label = reader.u32();
      this.#walk.shiftLabel(label, at, reader.position);
      catches.push(label);
    }
    reader.position = end;
    this.#walk.openBlock(OP.tryTable, catches);
  }

  #openLoop(): void {
    const reader = this.#reader;
    const number = this.#nextLoop++;
    const flags = this.#scan.loops[number] as number;
    const path = this.#walk.path;
    if ((flags & LOOP.repeats) === 0 || path === undefined) {
      this.#walk.pay(LOOP_COST);
      this.#walk.openBlock(OP.block);
      return;
    }
    const within = this.#scan.debtWithin[number] as number;
    const debt = (flags & LOOP.calls) === 0 && (within === DEBT.always || this.#debtNumbers.has(within));
    // The slow path of a hot loop stands outside of it: a call inside makes engines spill around it, and V8 unrolls
    // only loops without. In floating-point loops with more than one way out, though,
    // unrolling the doubled loop keeps its values in memory (mandelbrot: 1.75 instead of 1.1).
    const dispatches = (flags & LOOP.dispatches) !== 0;
    const doubled = (debt ? (flags & TANGLED) !== TANGLED : dispatches) && this.#walk.doubled.length < MOST_DOUBLED;
    const { start, position } = reader;
    // Tiny bodies also grow past what V8 unrolls itself, so that the loops around them can be doubled as well.
    const turns = debt ? this.#turns(flags) : 1;
    if (turns > 1) {
      this.#edits.add(EDIT.open, start, start, 0);
      this.#walk.unrolled = this.#walk.frames.length;
      this.#walk.hidden = 1;
      this.#walk.openBlock(OP.block);
    }
    const edit = doubled
      ? this.#edits.add(debt ? EDIT.doubledLoop : EDIT.doubledCheckedLoop, start, position, LOOP_COST)
      : this.#edits.add(debt ? EDIT.debtAndCheck : EDIT.chargeAndCheck, position, position, LOOP_COST);
    this.#walk.checks = true;
    if (doubled) this.#walk.doubled.push(this.#walk.frames.length);
    const frame: Frame = {
      op: OP.loop,
      number,
      repeats: true,
      debt,
      doubled,
      loops: this.#walk.loops.length,
      entry: path,
      otherwise: undefined,
      label: undefined,
      caught: false,
      catches: [],
    };
    this.#walk.frames.push(frame);
    this.#walk.loops.push(frame);
    // A catch clause may come back here with the stack of what it caught.
    if (this.#savesStack) this.#edits.add(EDIT.restoreStack, position, position, 0);
    this.#walk.push(edit, LOOP_COST, path, path, 0);
    const inner = this.#walk.path as Path;
    // Within the quantum, a debt loop does not check the global.
    inner.unchecked = LOOP_COST;
    if (!debt) inner.through = -1;
    if (debt) {
      this.#usesDebt = true;
      this.#debtNumbers.add(number);
    }
    if (turns === 1) return;
    this.#edits.add(EDIT.open, position, position, 0);
    this.#walk.hidden = 2;
    this.#walk.openBlock(OP.block);
    this.#turnStart = position;
    this.#turnsLeft = turns - 1;
  }

  /**
   * How often to write the body of a debt loop: one check, and one charge as far as the slack reaches, then pay for as
   * many turns.
   *
   * `loop body end` becomes `block loop (block body (br 2) end)… body end end`. To go on is to fall into the next turn,
   * to fall out of the body is to leave.
   */
  #turns(flags: number): number {
    const plain = this.#module.bytes[this.#reader.indexStart] === 0x40;
    if ((flags & LOOP.tiny) === 0 || !plain || this.#spareBytes < 0) return 1;
    this.#spareBytes -= (TURNS - 1) * TINY_BODY;
    return TURNS;
  }

  /** At the `end` of a body that is to be written again: the reader goes back to its begin. */
  #nextTurn(): void {
    const reader = this.#reader;
    const walk = this.#walk;
    const loop = walk.frames[walk.unrolled + 1] as Frame;
    const more = this.#turnsLeft > 1;
    this.#edits.add(EDIT.turn, reader.start, this.#turnStart, loop.doubled ? 3 : 2, more ? 1 : 0);
    walk.branchTo(walk.unrolled, walk.path);
    const { label } = walk.top();
    walk.frames.pop();
    walk.path = label === undefined ? undefined : copyPath(label);
    if (label !== undefined) walk.refloor(label.point);
    this.#turnsLeft--;
    if (more) walk.openBlock(OP.block);
    else walk.hidden = 1;
    reader.position = this.#turnStart;
    reader.start = this.#turnStart;
    walk.pay(LOOP_COST);
  }

  /** An exception comes from anywhere in the `try` body, and never with debt: that is flushed before calls and throws. */
  #caught(frame: Frame): Path | undefined {
    const { entry } = frame;
    if (entry === undefined) return undefined;
    return { ...entry, most: entry.point.charge, unchecked: MOST_UNCHECKED, caught: true };
  }

  #catch(): void {
    const frame = this.#walk.top();
    if (frame.op !== OP.try) this.#reader.fail("catch without try", this.#reader.start);
    this.#walk.wait(frame, this.#walk.path);
    this.#walk.path = this.#caught(frame);
    if (this.#savesStack) this.#edits.add(EDIT.restoreStack, this.#reader.position, this.#reader.position, 0);
  }

  #close(): void {
    const reader = this.#reader;
    const frame = this.#walk.top();
    if (this.#walk.frames.length === 1) {
      this.#finish();
      return;
    }
    if (this.#turnsLeft > 0 && this.#walk.frames.length === this.#walk.unrolled + 3) {
      this.#nextTurn();
      return;
    }
    this.#walk.frames.pop();
    if (reader.op === OP.delegate) this.#walk.shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
    if (frame.repeats) {
      this.#walk.loops.pop();
      if (frame.doubled) {
        this.#edits.add(EDIT.end, reader.start, reader.start, 0);
        this.#walk.doubled.pop();
      }
      if (this.#walk.path !== undefined) this.#walk.path = this.#walk.outOf(frame, this.#walk.path);
      if (this.#walk.unrolled >= 0) this.#closeUnrolled();
      if (frame.debt) this.#debtNumbers.delete(frame.number);
      if (frame.debt && this.#walk.loops[this.#walk.loops.length - 1]?.debt !== true && this.#walk.path !== undefined) {
        this.#edits.add(EDIT.flush, reader.position, reader.position, 0);
        this.#walk.checked(this.#walk.path);
      }
      return;
    }
    for (const label of frame.catches) {
      this.#walk.branch(label, this.#caught(frame));
      const target = this.#walk.frames[this.#walk.frames.length - 1 - label];
      if (target !== undefined) target.caught = true;
    }
    if (frame.caught && this.#savesStack) this.#edits.add(EDIT.restoreStack, reader.position, reader.position, 0);
    const path = join(join(this.#walk.path, frame.otherwise), frame.label);
    this.#walk.path = path === undefined ? undefined : copyPath(path);
    if (path !== undefined) this.#walk.refloor(path.point);
  }

  /** The end of the block around a loop that was written several times. */
  #closeUnrolled(): void {
    const walk = this.#walk;
    const { position } = this.#reader;
    this.#edits.add(EDIT.end, position, position, 0);
    walk.unrolled = -1;
    const frame = walk.frames.pop();
    const path = join(walk.path, frame?.label);
    walk.path = path === undefined ? undefined : copyPath(path);
    if (path !== undefined) walk.refloor(path.point);
  }

  /** The function's last `end`. */
  #finish(): void {
    const { start } = this.#reader;
    const type = this.#module.types[this.#type];
    if (this.#walk.exitsByBranch && this.#countsStack && type?.kind === "function") {
      const wrapper = type.results.length === 0 ? -1 : this.#injection.resultType(type);
      this.#edits.setKind(this.#wrap, EDIT.wrap);
      this.#edits.setA(this.#wrap, wrapper);
      this.#edits.add(EDIT.end, start, start, 0);
      this.#leaveStack();
    } else if (this.#walk.path !== undefined) {
      this.#leaveStack();
    }
    if (this.#walk.path !== undefined) this.#walk.exit(this.#walk.path);
    this.#walk.frames.pop();
    this.#walk.path = undefined;
  }

  /** A conditional branch out of the debt loops: the flush stands on its way. */
  #exitIf(): void {
    const { index, start, position } = this.#reader;
    this.#edits.add(EDIT.exitIf, start, position, this.#walk.shifted(index) + 1);
  }

  #branchTable(): void {
    const reader = this.#reader;
    this.#walk.pay(COSTS[OP.brTable] as number);
    const end = reader.position;
    reader.position = reader.entries;
    let previous = -1;
    for (let entry = 0; entry <= reader.count; entry++) {
      const at = reader.position;
      const label = reader.u32();
      this.#walk.shiftLabel(label, at, reader.position);
      if (label !== previous) this.#walk.branch(label, this.#walk.path);
      previous = label;
    }
    reader.position = end;
    this.#walk.path = undefined;
  }
}

/** Times that a tiny loop's body is written. Six or eight gained nothing measurable, three lost (sort, sieve). */
const TURNS = 4;
/** An eighth of the module and 64 KiB: enough for all tiny loops of QuickJS and CPython. */
const LEAST_SPARE_BYTES = 65_536;
const SPARE_SHARE = 8;
const TANGLED: number = LOOP.decidesMore | LOOP.floats;
/** Loops within each other that are written as two. */
const MOST_DOUBLED = 4;
/** Stack of a call by itself, in slots. */
const FRAME_UNITS = 16;
/** What a turn of a loop costs by itself: an empty loop must not be free. */
const LOOP_COST = 1;
