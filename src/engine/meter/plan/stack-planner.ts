import { EDIT } from "./edits.ts";
import type { PlanContext } from "./plan-context.ts";

/** Stack of a call by itself, in slots. */
const FRAME_UNITS = 16;

/**
 * Plans the limit on the depth of calls, one function at a time. Only functions that cut cycles of calls count: each
 * takes its own stack and that of the deepest chain of callees that don't count their own, and gives it back.
 */
export class StackPlanner {
  readonly #context: PlanContext;
  #isHead = false;
  /** Whether the function takes stack and gives it back. */
  counts = false;
  /** Whether it has to bring the stack back to its own level when it catches. */
  saves = false;
  /** Stack below the function, in callees that don't count their own. */
  #below = 0;
  /** Edits that take or give back stack: their amount is known at the end. */
  readonly #edits: number[] = [];

  constructor(context: PlanContext) {
    this.#context = context;
  }

  /** At the function's first instruction. */
  enter(defined: number): void {
    const { limitStack, costs, scan, reader, edits } = this.#context;
    const at = reader.position;
    this.#edits.length = 0;
    this.#below = 0;
    this.#isHead = costs.isHead(defined);
    this.counts = limitStack && this.#isHead;
    this.saves = limitStack && scan.catches[defined] === 1;
    if (this.counts) this.#edits.push(edits.add(EDIT.enterStack, at, at, 0, this.saves ? 1 : 0));
    else if (this.saves) edits.add(EDIT.saveStack, at, at, 0);
  }

  /** The function calls another one directly. */
  calls(callee: number): void {
    this.#below = Math.max(this.#below, this.#context.costs.depth(callee));
  }

  /** Before the current instruction, which leaves the function. */
  leave(): void {
    const at = this.#context.reader.start;
    if (this.counts) this.#edits.push(this.#context.edits.add(EDIT.leaveStack, at, at, 0, this.saves ? 1 : 0));
  }

  /** Behind the current instruction, to which an exception may have led. */
  restore(): void {
    const at = this.#context.reader.position;
    if (this.saves) this.#context.edits.add(EDIT.restoreStack, at, at, 0);
  }

  /** The function's stack is known now. */
  settle(defined: number, locals: number): void {
    const { costs, edits } = this.#context;
    const depth = FRAME_UNITS + locals + this.#below;
    costs.settleDepth(defined, this.#isHead ? 0 : depth);
    for (const edit of this.#edits) edits.setA(edit, depth);
  }
}
