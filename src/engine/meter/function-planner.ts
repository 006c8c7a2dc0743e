import { InstructionReader } from "../binary/instruction-reader.ts";
import type { WasmModule } from "../binary/module.ts";
import { OP } from "../binary/opcodes.ts";
import type { RewriteLimits } from "../limits.ts";
import { checkIndices, enterBody } from "./body-reader.ts";
import { INDIRECT_PAYABLE, MOST_UNCHECKED, UNKNOWN_WEIGHTS, type CalleeCosts, type Weights } from "./callee-costs.ts";
import { copyPath, join, leave, MOST_EXTRA_POINTS, SLACK, type ChargePoint, type Path } from "./charge-points.ts";
import { COSTS, IMPORT_CALL_COST, prefixedCost } from "./costs.ts";
import { EDIT, type EditList, type FunctionPlan } from "./edits.ts";
import type { Injection } from "./injection.ts";
import { editMovedIndex } from "./moved-indices.ts";
import { DEBT, LOOP, type ModuleScan } from "./scan-module.ts";
import { editSized, isSized } from "./size-charges.ts";

/** Copies and fills of at most so many constant bytes pay like plain code. */
const MOST_STATIC_BYTES = 1024;
/** How far back a walk looks for paths that wait on a point; beyond it the charge is only less sharp. */
const MOST_FRAMES_SEARCHED = 64;

/** An open block. */
interface Frame {
  readonly op: number;
  /** Number of a loop in the scan. */
  readonly number: number;
  /** A loop that some branch goes back to. */
  readonly repeats: boolean;
  /** Such a loop that pays into the debt local. */
  readonly debt: boolean;
  /** Loop that is written as two, one inside the other. */
  readonly doubled: boolean;
  /** Number of repeating loops open outside of this block. */
  readonly loops: number;
  /** The path at the block's begin. */
  readonly entry: Path | undefined;
  /** For the first arm of an `if`: the path of the other arm. */
  otherwise: Path | undefined;
  /** What the branches to the block's end brought. */
  label: Path | undefined;
  /** Whether some catch clause leads to the block's end. */
  caught: boolean;
  /** `try_table`: labels of its catch clauses, counted from outside of the block. */
  readonly catches: readonly number[];
}

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
  readonly #frames: Frame[] = [];
  /** Frames of the open repeating loops. */
  readonly #loops: Frame[] = [];
  #path: Path | undefined;
  #nextLoop = 0;
  #usesDebt = false;
  #checks = false;
  #isHead = false;
  #mostThrough = 0;
  /** What the function's callers have to know, as far as the walk has come. */
  #prefix = 0;
  #through = -1;
  #suffix = 0;
  #wrap = -1;
  #type = 0;
  /** Numbers of the open debt loops. */
  readonly #debtNumbers: Set<number> = new Set();
  /** Places of the open loops that are written as two. */
  readonly #doubled: number[] = [];
  readonly #limitStack: boolean;
  /** Whether the function takes stack and gives it back. */
  #countsStack = false;
  /** Whether it has to bring the stack back to its own level when it catches. */
  #savesStack = false;
  #exitsByBranch = false;
  /** Stack below the function, in callees that don't count their own. */
  #depthBelow = 0;
  /** Edits that take or give back stack: their amount is known at the end. */
  readonly #stackEdits: number[] = [];
  #constant = -1;
  #localCount = 0;

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
    this.#module = module;
    this.#injection = injection;
    this.#edits = edits;
    this.#limits = limits;
    this.#scan = scan;
    this.#costs = costs;
    this.#reader = new InstructionReader(module.bytes, 0, 0, limits.branchTargets);
    this.#reader.types = module.types.length;
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
    this.#checks = false;
    this.#isHead = this.#costs.isHead(defined);
    this.#mostThrough = this.#costs.mostThrough(defined);
    this.#prefix = 0;
    this.#through = -1;
    this.#suffix = 0;
    this.#frames.length = 0;
    this.#loops.length = 0;
    this.#stackEdits.length = 0;
    this.#constant = -1;
    this.#doubled.length = 0;
    const code = reader.position;
    const entry: ChargePoint = {
      edit: edits.add(EDIT.charge, reader.position, reader.position, 0),
      depth: 0,
      extra: 0,
      frame: 0,
      charge: 0,
      left: Number.POSITIVE_INFINITY,
      floor: Number.POSITIVE_INFINITY,
    };
    this.#enterStack(defined);
    this.#wrap = edits.add(EDIT.none, reader.position, reader.position, 0);
    this.#path = { point: entry, least: 0, most: 0, below: undefined, unchecked: 0, through: 0, caught: false };
    this.#openBlock(OP.block);
    while (reader.next()) this.#instruction();
    this.#settleEntry(defined, entry);
    const depth = FRAME_UNITS + locals + this.#depthBelow;
    this.#costs.settleDepth(defined, depth);
    for (const edit of this.#stackEdits) edits.setA(edit, depth);
    return { first, last: edits.length, debtLocal: this.#usesDebt, stackLocal: this.#savesStack, checkLocal: this.#checks, locals, code };
  }

  #enterStack(defined: number): void {
    this.#depthBelow = 0;
    this.#exitsByBranch = false;
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
    const weights = { prefix: this.#prefix, through: this.#through, suffix: this.#suffix };
    this.#edits.setA(entry.edit, this.#costs.settle(defined, entry.charge, weights));
  }

  #instruction(): void {
    const reader = this.#reader;
    const { op } = reader;
    if (!checkIndices(reader, this.#localCount, this.#module.types.length)) reader.fail("local or type does not exist", reader.start);
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
        this.#openBlock(op);
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
        if (this.#leavesDebt(reader.index)) this.#flush();
        this.#shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
        this.#branch(reader.index, this.#path);
        this.#path = undefined;
        return;
      case OP.brIf:
      case OP.brOnNull:
      case OP.brOnNonNull:
      case OP.brOnCast:
      case OP.brOnCastFail:
        this.#pay(op > 0xff ? prefixedCost(op) : 1);
        if (op === OP.brIf && this.#leavesDebt(reader.index)) this.#exitIf();
        else this.#shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
        this.#branch(reader.index, this.#path);
        return;
      case OP.brTable:
        this.#branchTable();
        return;
      case OP.return:
        if (this.#path !== undefined) {
          this.#exit(this.#path);
          this.#flush();
          this.#leaveStack();
        }
        this.#path = undefined;
        return;
      case OP.unreachable:
        this.#path = undefined;
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
        this.#pay(COSTS[op] as number);
        this.#flush();
        if (op === OP.rethrow) this.#shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
        this.#path = undefined;
        return;
      default:
        this.#plain(constant);
    }
  }

  #plain(constant: number): void {
    const reader = this.#reader;
    const { op } = reader;
    this.#pay(op > 0xff ? prefixedCost(op) : (COSTS[op] as number));
    if (op === OP.globalGet || op === OP.globalSet || op === OP.refFunc) editMovedIndex(this.#edits, this.#injection, reader);
    else if (op >= OP.memoryGrow && isSized(op) && this.#path !== undefined) {
      // Copies of structures have a constant size: paid like plain code.
      if ((op === OP.memoryCopy || op === OP.memoryFill) && constant >= 0 && constant <= MOST_STATIC_BYTES) {
        this.#pay(constant >> 2);
        return;
      }
      this.#flush();
      editSized(this.#edits, this.#injection, reader);
      this.#checked(this.#path);
    }
  }

  // Paying.

  /** Has the current path pay. If that takes a new point, it stands before the current instruction. */
  #pay(cost: number): void {
    const path = this.#path;
    if (path === undefined || cost === 0) return;
    if (path.unchecked + cost > MOST_UNCHECKED || (path.through >= 0 && path.through + cost > this.#mostThrough)) {
      this.#newPoint(path, cost, true);
      return;
    }
    const { point } = path;
    const most = path.most + cost;
    if (most > point.charge) {
      if (most - Math.min(point.floor, path.least + cost) > SLACK) {
        this.#newPoint(path, cost, false);
        return;
      }
      point.charge = most;
      this.#edits.setA(point.edit, most);
    }
    path.most = most;
    path.least += cost;
    this.#burn(path, cost);
  }

  #burn(path: Path, units: number): void {
    path.unchecked += units;
    if (path.through < 0) return;
    path.through += units;
    if (path.through > this.#prefix) this.#prefix = path.through;
  }

  /** The current place checks the global. */
  #checked(path: Path): void {
    path.unchecked = 0;
    path.through = -1;
  }

  #newPoint(path: Path, cost: number, checked: boolean): void {
    const debt = this.#loops[this.#loops.length - 1]?.debt ?? false;
    const { start } = this.#reader;
    if (checked) this.#checks = true;
    const kind = debt ? (checked ? EDIT.debtAndCheck : EDIT.debt) : checked ? EDIT.chargeAndCheck : EDIT.charge;
    leave(path.point, path.least);
    // A long chain forgets its top instead of growing.
    const full = path.point.extra >= MOST_EXTRA_POINTS;
    const edit = this.#edits.add(kind, start, start, cost);
    const next = this.#push(edit, cost, full ? path.below : path, path, full ? path.point.extra : path.point.extra + 1);
    if (checked) {
      next.unchecked = 0;
      // Within the quantum, a debt loop's check does not reach the global.
      if (!debt) next.through = -1;
      else if (next.through >= 0) next.through = 0;
    }
    this.#burn(next, cost);
  }

  #push(edit: number, cost: number, below: Path | undefined, from: Path, extra: number): Path {
    const point: ChargePoint = {
      edit,
      depth: (below?.point.depth ?? -1) + 1,
      extra,
      frame: this.#frames.length,
      charge: cost,
      left: Number.POSITIVE_INFINITY,
      floor: Number.POSITIVE_INFINITY,
    };
    const { unchecked, through, caught } = from;
    const path = { point, least: cost, most: cost, below, unchecked, through, caught };
    this.#path = path;
    return path;
  }

  /** Before the current instruction, if it stands in a debt loop: moves the debt to the global and checks it. */
  #flush(): void {
    if (!this.#inDebt()) return;
    this.#edits.add(EDIT.flush, this.#reader.start, this.#reader.start, 0);
    if (this.#path !== undefined) this.#checked(this.#path);
  }

  #inDebt(): boolean {
    return this.#path !== undefined && this.#loops[this.#loops.length - 1]?.debt === true;
  }

  /** Whether a branch leaves the debt loops that are open. */
  #leavesDebt(label: number): boolean {
    const target = this.#frames[this.#frames.length - 1 - label];
    if (!this.#inDebt() || target === undefined || target.debt) return false;
    return this.#loops[target.loops - 1]?.debt !== true;
  }

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
    const path = this.#path;
    if (path !== undefined) {
      const mustCheck = this.#isHead && closesCycle && path.through >= 0;
      const { through, unchecked } = path;
      if (mustCheck || unchecked + cost + weights.prefix > MOST_UNCHECKED || (through >= 0 && through + cost + weights.through > this.#mostThrough)) {
        if (mustCheck || unchecked > 0) this.#newPoint(path, cost, true);
        else this.#pay(cost);
      } else this.#pay(cost);
      // Behind the charge, which may have gone to the debt itself.
      this.#flush();
      this.#called(weights);
    }
    const returns = op === OP.returnCall || op === OP.returnCallIndirect || op === OP.returnCallRef;
    if (returns && this.#path !== undefined) {
      this.#exit(this.#path);
      this.#leaveStack();
    }
    if (direct) editMovedIndex(this.#edits, this.#injection, reader);
    if (returns) this.#path = undefined;
  }

  /** The current path has come back from a callee. */
  #called({ prefix, through, suffix }: Weights): void {
    const path = this.#path;
    if (path === undefined) return;
    if (path.through >= 0) {
      this.#prefix = Math.max(this.#prefix, path.through + prefix);
      path.through = through < 0 ? -1 : path.through + through;
    }
    path.unchecked = Math.max(suffix, through < 0 ? 0 : path.unchecked + through);
  }

  // Structure.

  #openBlock(op: number, catches: readonly number[] = []): void {
    const entry = this.#path;
    this.#frames.push({
      op,
      number: -1,
      repeats: false,
      debt: false,
      doubled: false,
      loops: this.#loops.length,
      entry: op === OP.block || entry === undefined ? entry : copyPath(entry),
      otherwise: undefined,
      label: undefined,
      caught: false,
      catches,
    });
  }

  #openIf(): void {
    this.#pay(1);
    this.#openBlock(OP.if);
    const path = this.#path;
    const frame = this.#top();
    if (path === undefined) return;
    frame.otherwise = copyPath(path);
    path.point.floor = Math.min(path.point.floor, path.least);
  }

  #else(): void {
    const frame = this.#top();
    if (frame.op !== OP.if) this.#reader.fail("else without if", this.#reader.start);
    this.#wait(frame, this.#path);
    this.#path = frame.otherwise;
    frame.otherwise = undefined;
    if (this.#path !== undefined) this.#refloor(this.#path.point);
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
      this.#shiftLabel(label, at, reader.position);
      catches.push(label);
    }
    reader.position = end;
    this.#openBlock(OP.tryTable, catches);
  }

  #openLoop(): void {
    const reader = this.#reader;
    const number = this.#nextLoop++;
    const flags = this.#scan.loops[number] as number;
    const path = this.#path;
    if ((flags & LOOP.repeats) === 0 || path === undefined) {
      this.#pay(LOOP_COST);
      this.#openBlock(OP.block);
      return;
    }
    const within = this.#scan.debtWithin[number] as number;
    const debt = (flags & LOOP.calls) === 0 && (within === DEBT.always || this.#debtNumbers.has(within));
    // The slow path of a hot loop stands outside of it: a call inside makes engines spill around it, and V8 unrolls
    // only loops without. With more than one way out, though, unrolling a doubled loop costs more than it brings.
    const dispatches = (flags & LOOP.dispatches) !== 0;
    const doubled = (debt ? (flags & (LOOP.nests | LOOP.decidesMore)) === 0 : dispatches) && this.#doubled.length < MOST_DOUBLED;
    const { start, position } = reader;
    const edit = doubled
      ? this.#edits.add(debt ? EDIT.doubledLoop : EDIT.doubledCheckedLoop, start, position, LOOP_COST)
      : this.#edits.add(debt ? EDIT.debtAndCheck : EDIT.chargeAndCheck, position, position, LOOP_COST);
    this.#checks = true;
    if (doubled) this.#doubled.push(this.#frames.length);
    const frame: Frame = {
      op: OP.loop,
      number,
      repeats: true,
      debt,
      doubled,
      loops: this.#loops.length,
      entry: path,
      otherwise: undefined,
      label: undefined,
      caught: false,
      catches: [],
    };
    this.#frames.push(frame);
    this.#loops.push(frame);
    // A catch clause may come back here with the stack of what it caught.
    if (this.#savesStack) this.#edits.add(EDIT.restoreStack, position, position, 0);
    this.#push(edit, LOOP_COST, path, path, 0);
    const inner = this.#path as Path;
    // Within the quantum, a debt loop does not check the global.
    inner.unchecked = LOOP_COST;
    if (!debt) inner.through = -1;
    if (debt) {
      this.#usesDebt = true;
      this.#debtNumbers.add(number);
    }
  }

  /** An exception comes from anywhere in the `try` body, and never with debt: that is flushed before calls and throws. */
  #caught(frame: Frame): Path | undefined {
    const { entry } = frame;
    if (entry === undefined) return undefined;
    return { ...entry, most: entry.point.charge, unchecked: MOST_UNCHECKED, caught: true };
  }

  #catch(): void {
    const frame = this.#top();
    if (frame.op !== OP.try) this.#reader.fail("catch without try", this.#reader.start);
    this.#wait(frame, this.#path);
    this.#path = this.#caught(frame);
    if (this.#savesStack) this.#edits.add(EDIT.restoreStack, this.#reader.position, this.#reader.position, 0);
  }

  #close(): void {
    const reader = this.#reader;
    const frame = this.#top();
    if (this.#frames.length === 1) {
      this.#finish();
      return;
    }
    this.#frames.pop();
    if (reader.op === OP.delegate) this.#shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
    if (frame.repeats) {
      this.#loops.pop();
      if (frame.doubled) {
        this.#edits.add(EDIT.end, reader.start, reader.start, 0);
        this.#doubled.pop();
      }
      if (this.#path !== undefined) this.#path = this.#outOf(frame, this.#path);
      if (frame.debt) this.#debtNumbers.delete(frame.number);
      if (frame.debt && this.#loops[this.#loops.length - 1]?.debt !== true && this.#path !== undefined) {
        this.#edits.add(EDIT.flush, reader.position, reader.position, 0);
        this.#checked(this.#path);
      }
      return;
    }
    for (const label of frame.catches) {
      this.#branch(label, this.#caught(frame));
      const target = this.#frames[this.#frames.length - 1 - label];
      if (target !== undefined) target.caught = true;
    }
    if (frame.caught && this.#savesStack) this.#edits.add(EDIT.restoreStack, reader.position, reader.position, 0);
    const path = join(join(this.#path, frame.otherwise), frame.label);
    this.#path = path === undefined ? undefined : copyPath(path);
    if (path !== undefined) this.#refloor(path.point);
  }

  /** The function's last `end`. */
  #finish(): void {
    const { start } = this.#reader;
    const type = this.#module.types[this.#type];
    if (this.#exitsByBranch && this.#countsStack && type?.kind === "function") {
      const wrapper = type.results.length === 0 ? -1 : this.#injection.resultType(type);
      this.#edits.setKind(this.#wrap, EDIT.wrap);
      this.#edits.setA(this.#wrap, wrapper);
      this.#edits.add(EDIT.end, start, start, 0);
      this.#leaveStack();
    } else if (this.#path !== undefined) {
      this.#leaveStack();
    }
    if (this.#path !== undefined) this.#exit(this.#path);
    this.#frames.pop();
    this.#path = undefined;
  }

  /** A conditional branch out of the debt loops: the flush stands on its way. */
  #exitIf(): void {
    const { index, start, position } = this.#reader;
    this.#edits.add(EDIT.exitIf, start, position, this.#shifted(index) + 1);
  }

  #branchTable(): void {
    const reader = this.#reader;
    this.#pay(COSTS[OP.brTable] as number);
    const end = reader.position;
    reader.position = reader.entries;
    let previous = -1;
    for (let entry = 0; entry <= reader.count; entry++) {
      const at = reader.position;
      const label = reader.u32();
      this.#shiftLabel(label, at, reader.position);
      if (label !== previous) this.#branch(label, this.#path);
      previous = label;
    }
    reader.position = end;
    this.#path = undefined;
  }

  #branch(label: number, path: Path | undefined): void {
    if (path === undefined) return;
    const target = this.#frames[this.#frames.length - 1 - label];
    if (target === undefined) return;
    if (target === this.#frames[0]) {
      this.#exitsByBranch = true;
      this.#exit(path);
    } else if (target.repeats) {
      leave(path.point, path.least);
      this.#leaveLoops(target.loops + 1);
    } else if (this.#loops.length > target.loops) {
      // Out of loops: the outermost of them has the path that goes on behind it.
      this.#leaveLoops(target.loops + 1);
      this.#wait(target, this.#outOf(this.#loops[target.loops] as Frame, path));
    } else this.#wait(target, copyPath(path));
  }

  #outOf(loop: Frame, path: Path): Path {
    leave(path.point, path.least);
    const entry = loop.entry as Path;
    return { ...entry, unchecked: path.unchecked, through: path.through };
  }

  #wait(frame: Frame, path: Path | undefined): void {
    if (path === undefined) return;
    const label = join(frame.label, path);
    frame.label = label;
    if (label !== undefined) label.point.floor = Math.min(label.point.floor, label.least);
  }

  /** A way out of the function. */
  #exit(path: Path): void {
    leave(path.point, path.least);
    if (path.through > this.#through) this.#through = path.through;
    if (path.unchecked > this.#suffix) this.#suffix = path.unchecked;
    this.#leaveLoops(0);
  }

  /** The paths that wait outside of the open loops from `first` on will not come back on this way. */
  #leaveLoops(first: number): void {
    const last = Math.max(first, this.#loops.length - MOST_LOOPS_LEFT);
    for (let index = this.#loops.length - 1; index >= last; index--) {
      const entry = this.#loops[index]?.entry;
      if (entry !== undefined) leave(entry.point, entry.least);
    }
  }

  /** Some path has stopped waiting: the least cost over the ways is that of those which left or still wait. */
  #refloor(point: ChargePoint): void {
    const frames = this.#frames;
    if (frames.length - point.frame > MOST_FRAMES_SEARCHED) return;
    let floor = point.left;
    for (let index = frames.length - 1; index >= point.frame && index >= 0; index--) {
      const { label, otherwise } = frames[index] as Frame;
      if (label?.point === point) floor = Math.min(floor, label.least);
      if (otherwise?.point === point) floor = Math.min(floor, otherwise.least);
    }
    point.floor = floor;
  }

  #shiftLabel(label: number, start: number, end: number): void {
    const shifted = this.#shifted(label);
    if (shifted !== label) this.#edits.add(EDIT.index, start, end, shifted);
  }

  /** In a loop that is written as two, labels of blocks outside lie one level further out. */
  #shifted(label: number): number {
    const target = this.#frames.length - 1 - label;
    let shifted = label;
    for (const place of this.#doubled) if (target < place) shifted++;
    return shifted;
  }

  #top(): Frame {
    return this.#frames[this.#frames.length - 1] as Frame;
  }
}

/** Loops within each other that are written as two. */
const MOST_DOUBLED = 4;
/** Stack of a call by itself, in slots. */
const FRAME_UNITS = 16;
/** What a turn of a loop costs by itself: an empty loop must not be free. */
const LOOP_COST = 1;
/** Loops whose waiting paths are marked as left at one branch; beyond it charges are only less sharp. */
const MOST_LOOPS_LEFT = 16;
