import { OP } from "../../binary/opcodes.ts";
import { BULK_BYTES_SHIFT, COSTS, prefixedCost } from "../costs/costs.ts";
import { BlockPlanner } from "./block-planner.ts";
import { checkIndices, enterBody } from "../scan/body-reader.ts";
import { CallPlanner } from "./call-planner.ts";
import type { ChargePoint } from "./charge-points.ts";
import { EDIT, type FunctionPlan } from "./edits.ts";
import { LoopPlanner } from "./loop-planner.ts";
import { editMovedIndex } from "./moved-indices.ts";
import { planContext, type PlanContext, type PlanInput } from "./plan-context.ts";
import { isSized } from "../costs/is-sized.ts";
import { editSized } from "./size-charges.ts";
import { StackPlanner } from "../stack/stack-planner.ts";

/** Copies and fills of at most so many constant bytes pay like plain code. */
const MOST_STATIC_BYTES = 256;

/**
 * Plans one function at a time: a single linear walk over the structured code. See `charge-points.ts` for the
 * accounting.
 */
export class FunctionPlanner {
  readonly #context: PlanContext;
  readonly #blocks: BlockPlanner;
  readonly #loops: LoopPlanner;
  readonly #calls: CallPlanner;
  readonly #stack: StackPlanner;
  /** Edit before the first instruction: there a block opens if the exits need one place. */
  #wrap = -1;
  /** Type of the function. */
  #type = 0;
  /** Value of the `i32.const` just before, or -1. */
  #constant = -1;
  #localCount = 0;

  constructor(input: PlanInput) {
    this.#context = planContext(input);
    this.#stack = new StackPlanner(this.#context);
    this.#blocks = new BlockPlanner(this.#context, this.#stack);
    this.#loops = new LoopPlanner(this.#context, this.#stack);
    this.#calls = new CallPlanner(this.#context, this.#stack);
  }

  plan(defined: number): FunctionPlan {
    const { module, edits, limits, costs, reader, walk } = this.#context;
    const locals = enterBody(reader, module, defined, limits);
    this.#localCount = locals;
    this.#type = module.functionTypes[module.importedFunctions + defined] as number;
    this.#constant = -1;
    this.#loops.begin(defined);
    this.#calls.begin(defined);
    const first = edits.length;
    const code = reader.position;
    const entry = walk.begin(costs.mostThrough(defined), this.#stack.mostCost);
    this.#stack.enter(defined);
    this.#wrap = edits.add(EDIT.none, reader.position, reader.position, 0);
    while (reader.next()) this.#instruction();
    this.#settleEntry(defined, entry);
    this.#stack.settle();
    return {
      first,
      last: edits.length,
      debtLocal: this.#loops.usesDebt,
      stackLocal: this.#stack.saves || this.#stack.counts,
      checkLocal: walk.checks,
      locals,
      code,
      prepaid: costs.payable(defined),
    };
  }

  /** Splits the entry's charge between callers and the function itself. */
  #settleEntry(defined: number, entry: ChargePoint): void {
    const { costs, edits, walk } = this.#context;
    const { prefix, through, suffix } = walk;
    edits.setA(entry.edit, costs.settle(defined, entry.charge + this.#stack.cost, { prefix, through, suffix }));
  }

  #instruction(): void {
    const { module, reader, walk } = this.#context;
    const { op } = reader;
    if (!checkIndices(reader, this.#localCount, module.types.length))
      reader.fail("local or type does not exist", reader.start);
    const constant = this.#constant;
    this.#constant = -1;
    if (op !== OP.end || !this.#loops.repeatsTurn) this.#stack.follow();
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
        walk.openBlock(op);
        return;
      case OP.tryTable:
        this.#blocks.openTryTable();
        return;
      case OP.if:
        this.#blocks.openIf();
        return;
      case OP.else:
        this.#blocks.openElse();
        return;
      case OP.loop:
        this.#loops.open();
        return;
      case OP.catch:
      case OP.catchAll:
        this.#blocks.openCatch();
        return;
      case OP.end:
      case OP.delegate:
        this.#close();
        return;
      case OP.br:
        this.#blocks.branch();
        return;
      case OP.brIf:
      case OP.brOnNull:
      case OP.brOnNonNull:
      case OP.brOnCast:
      case OP.brOnCastFail:
        this.#blocks.branchIf();
        return;
      case OP.brTable:
        this.#blocks.branchTable();
        return;
      case OP.return:
        this.#blocks.return();
        return;
      case OP.unreachable:
        walk.path = undefined;
        return;
      case OP.call:
      case OP.callIndirect:
      case OP.callRef:
      case OP.returnCall:
      case OP.returnCallIndirect:
      case OP.returnCallRef:
        this.#calls.call();
        return;
      case OP.throw:
      case OP.rethrow:
      case OP.throwRef:
        this.#blocks.throw();
        return;
      default:
        this.#plain(constant);
    }
  }

  #plain(constant: number): void {
    const { edits, injection, reader, walk } = this.#context;
    const { op } = reader;
    walk.pay(op > 0xff ? prefixedCost(op) : (COSTS[op] as number));
    if (op === OP.globalGet || op === OP.globalSet || op === OP.refFunc) editMovedIndex(edits, injection, reader);
    else if (op >= OP.memoryGrow && isSized(op) && walk.path !== undefined) {
      // Copies of structures have a constant size: paid like plain code.
      if ((op === OP.memoryCopy || op === OP.memoryFill) && constant >= 0 && constant <= MOST_STATIC_BYTES) {
        walk.pay(constant >> BULK_BYTES_SHIFT);
        return;
      }
      walk.flush();
      editSized(edits, injection, reader);
      walk.checked(walk.path);
    }
  }

  #close(): void {
    const { reader, walk } = this.#context;
    const frame = walk.top();
    if (walk.frames.length === 1) {
      this.#finish();
      return;
    }
    if (this.#loops.repeatsTurn) {
      this.#loops.nextTurn();
      return;
    }
    walk.frames.pop();
    if (reader.op === OP.delegate) walk.shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
    if (frame.repeats) this.#loops.close(frame);
    else this.#blocks.close(frame);
  }

  /** The function's last `end`. */
  #finish(): void {
    const { module, edits, injection, reader, walk } = this.#context;
    const { start } = reader;
    const type = module.types[this.#type];
    this.#stack.decide();
    if (walk.exitsByBranch && this.#stack.counts && type?.kind === "function") {
      const wrapper = type.results.length === 0 ? -1 : injection.resultType(type);
      edits.setKind(this.#wrap, EDIT.wrap);
      edits.setA(this.#wrap, wrapper);
      edits.add(EDIT.end, start, start, 0);
      this.#stack.leave();
    } else if (walk.path !== undefined) {
      this.#stack.leave();
    }
    if (walk.path !== undefined) walk.exit(walk.path);
    walk.frames.pop();
    walk.path = undefined;
  }
}
