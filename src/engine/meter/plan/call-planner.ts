import { OP } from "../../binary/opcodes.ts";
import { INDIRECT_PAYABLE, MOST_UNCHECKED, UNKNOWN_WEIGHTS, type Weights } from "../costs/callee-costs.ts";
import { COSTS, IMPORT_CALL_COST } from "../costs/costs.ts";
import { editMovedIndex } from "./moved-indices.ts";
import type { PlanContext } from "./plan-context.ts";
import type { StackPlanner } from "../stack/stack-planner.ts";

/** What the caller has to know of a call. */
interface Callee {
  /** Units that the call takes, the callee's part that its callers pay included. */
  readonly cost: number;
  readonly weights: Weights;
  /** Whether the call can be part of a cycle. */
  readonly closesCycle: boolean;
}

/** Plans calls: who pays for the callee's entry, and whether the caller has to check before. */
export class CallPlanner {
  readonly #context: PlanContext;
  readonly #stack: StackPlanner;
  #isHead = false;

  constructor(context: PlanContext, stack: StackPlanner) {
    this.#context = context;
    this.#stack = stack;
  }

  begin(defined: number): void {
    this.#isHead = this.#context.costs.isHead(defined);
  }

  /** The current instruction is a call. */
  call(): void {
    const { edits, injection, reader, walk } = this.#context;
    const { op } = reader;
    const callee = this.#callee();
    this.#pay(callee);
    if (op === OP.returnCall || op === OP.returnCallIndirect || op === OP.returnCallRef) {
      if (walk.path !== undefined) {
        walk.exit(walk.path);
        this.#stack.leave();
      }
      walk.path = undefined;
    }
    if (isDirect(op)) editMovedIndex(edits, injection, reader);
  }

  #callee(): Callee {
    const { module, costs, reader } = this.#context;
    const { op, index } = reader;
    const cost = COSTS[op] as number;
    if (!isDirect(op)) return { cost: cost + INDIRECT_PAYABLE, weights: UNKNOWN_WEIGHTS, closesCycle: true };
    const defined = index - module.importedFunctions;
    if (defined < 0) return { cost: cost + IMPORT_CALL_COST, weights: UNKNOWN_WEIGHTS, closesCycle: true };
    this.#stack.calls(defined);
    return {
      cost: cost + costs.payable(defined),
      weights: costs.weights(defined),
      closesCycle: costs.closesCycle(defined),
    };
  }

  #pay({ cost, weights, closesCycle }: Callee): void {
    const { walk } = this.#context;
    const { path } = walk;
    if (path === undefined) return;
    const { through, unchecked } = path;
    const mustCheck = this.#isHead && closesCycle && through >= 0;
    const tooLong =
      unchecked + cost + weights.prefix > MOST_UNCHECKED ||
      (through >= 0 && through + cost + weights.through > walk.mostThrough);
    if (mustCheck || (tooLong && unchecked > 0)) walk.newPoint(path, cost, true);
    else walk.pay(cost);
    // Behind the charge, which may have gone to the debt itself.
    walk.flush();
    this.#called(weights);
  }

  /** The current path has come back from a callee. */
  #called({ prefix, through, suffix }: Weights): void {
    const { walk } = this.#context;
    const { path } = walk;
    if (path === undefined) return;
    if (path.through >= 0) {
      walk.prefix = Math.max(walk.prefix, path.through + prefix);
      path.through = through < 0 ? -1 : path.through + through;
    }
    path.unchecked = Math.max(suffix, through < 0 ? 0 : path.unchecked + through);
  }
}

function isDirect(op: number): boolean {
  return op === OP.call || op === OP.returnCall;
}
