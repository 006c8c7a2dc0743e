import { EDIT } from "../plan/edits.ts";
import type { PlanContext } from "../plan/plan-context.ts";
import { frameBytes } from "./frame-bytes.ts";
import { OperandHeight } from "./operand-height.ts";

/** Bytes of native stack that callees on the way to further recursion may take without counting. */
const MOST_UNCOUNTED = 256;
/** The same for callees that lead to no recursion: they stand on top of the stack once. */
const MOST_UNCOUNTED_ON_TOP = 16_384;

/** Instructions with a cost of what is written to count: at the entry and one exit, and to come back to a level. */
const COUNT_COST = 9;
const SAVE_COST = 1;
const RESTORE_COST = 1;

/**
 * Plans the limit on the depth of calls, one function at a time: those that count take the bytes of their frame, and of
 * callees that don't count their own, from a global, and give them back at exit.
 *
 * Every cycle of calls passes a function that counts. Others count where the frames between two that do add up: the limit
 * is then as near to the native stack as the estimate of a frame.
 */
export class StackPlanner {
  readonly #context: PlanContext;
  readonly #operands: OperandHeight;
  #defined = 0;
  /** Whether the function takes stack and gives it back: known at its end. */
  counts = false;
  /** Whether it has to bring the stack back to its own level when it catches. */
  saves = false;
  /** Stack of callees that don't count their own: of those that lead to further recursion, and of the others. */
  #below = 0;
  #onTop = 0;
  /** Edits that take or give back stack: whether they stay, and their amount, is known at the end. */
  readonly #edits: number[] = [];
  /** Units for what was just written: the next instruction pays them, since a point stands before an instruction. */
  #owed = 0;
  /** The edit that remembers the level. */
  #save = -1;

  constructor(context: PlanContext) {
    this.#context = context;
    this.#operands = new OperandHeight(context.module);
  }

  /** At the function's first instruction. */
  enter(defined: number): void {
    const { limitStack, scan, reader, edits } = this.#context;
    this.#defined = defined;
    this.#edits.length = 0;
    this.#below = 0;
    this.#onTop = 0;
    this.#owed = 0;
    this.counts = false;
    this.saves = limitStack && scan.catches[defined] === 1;
    if (!limitStack) return;
    this.#operands.begin();
    const at = reader.position;
    this.#edits.push(edits.add(EDIT.enterStack, at, at, 0));
    if (this.saves) this.#save = edits.add(EDIT.saveStack, at, at, 0);
  }

  /** Takes the current instruction into account. */
  follow(): void {
    const { limitStack, reader, walk } = this.#context;
    if (!limitStack) return;
    this.#operands.follow(reader);
    if (this.#owed === 0) return;
    walk.pay(this.#owed);
    this.#owed = 0;
  }

  /** The function calls another one directly. */
  calls(callee: number): void {
    const { below, onTop } = this.#context.costs.stack(callee);
    this.#below = Math.max(this.#below, below);
    this.#onTop = Math.max(this.#onTop, onTop);
  }

  /** Before the current instruction, which leaves the function. */
  leave(): void {
    const { limitStack, reader, edits } = this.#context;
    const at = reader.start;
    if (limitStack) this.#edits.push(edits.add(EDIT.leaveStack, at, at, 0));
  }

  /** Behind the current instruction, to which an exception may have led. */
  restore(): void {
    const { reader, edits } = this.#context;
    if (!this.saves) return;
    edits.add(EDIT.restoreStack, reader.position, reader.position, 0);
    this.#owed = RESTORE_COST;
  }

  /** At the function's last instruction: all calls are known. */
  decide(): void {
    const { limitStack, costs, module } = this.#context;
    if (!limitStack) return;
    const own = frameBytes(module, this.#defined) + this.#operands.bytes;
    this.#below += own;
    this.#onTop += own;
    const tooMuch = this.#leadsOn ? this.#below > MOST_UNCOUNTED : this.#onTop > MOST_UNCOUNTED_ON_TOP;
    this.counts = costs.isHead(this.#defined) || tooMuch;
  }

  /** Behind the function. */
  settle(): void {
    const { limitStack, costs, edits } = this.#context;
    if (!limitStack) return;
    if (!this.counts) costs.settleStack(this.#defined, { below: this.#leadsOn ? this.#below : 0, onTop: this.#onTop });
    else if (this.saves) edits.setKind(this.#save, EDIT.none);
    for (const edit of this.#edits) {
      if (this.counts) edits.setA(edit, this.#leadsOn ? this.#below : this.#onTop);
      else edits.setKind(edit, EDIT.none);
    }
  }

  /** Whether the function leads to recursion. */
  get #leadsOn(): boolean {
    return this.#context.costs.closesCycle(this.#defined);
  }

  /** What the function's entry has to be charged for all of it. */
  get cost(): number {
    return this.counts ? COUNT_COST : this.saves ? SAVE_COST : 0;
  }

  /** Most of that, as long as it is not known. */
  get mostCost(): number {
    return this.#context.limitStack ? COUNT_COST : 0;
  }
}
