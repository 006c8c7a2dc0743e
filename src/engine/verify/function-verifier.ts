import { KIND } from "./flow/frame.ts";
import { openFrame } from "./flow/open-frame.ts";
import { FunctionWalk } from "./function-walk.ts";
import { interpretInstruction } from "./interpret-instruction.ts";
import type { FunctionSummary, ModuleFacts } from "./module-facts.ts";

/** Instructions of a function that only charges: its caller has paid for it as for the operation it stands for. */
const SERVICE_WEIGHT = 256;
/** Times that a function is read again because a loop brought back a debt: loops can only nest so deep in practice. */
const MAX_ROUNDS = 24;

/** Reads one function body once, in order, carrying the state of flow/flow-state.ts along; joins at labels. */
export class FunctionVerifier {
  readonly #facts: ModuleFacts;
  readonly #walk: FunctionWalk;

  constructor(facts: ModuleFacts) {
    this.#facts = facts;
    this.#walk = new FunctionWalk(facts);
  }

  verify(index: number): FunctionSummary {
    const facts = this.#facts;
    const walk = this.#walk;
    const { loops, findings } = walk;
    walk.enter(index);
    // Read again until what is assumed of the loops' back edges holds.
    let round = 0;
    do {
      facts.calls.begin(index);
      this.#read();
      round++;
    } while (loops.again && round < MAX_ROUNDS);
    if (loops.again) walk.problem("its loops can't be followed", facts.module.bodies[0]);
    this.#conclude(index);
    return {
      passable: findings.passable,
      longestRun: findings.longestRun + 2 * findings.debtLimit,
      problems: findings.problems,
      loops: findings.loops,
      checks: findings.checks,
      charges: findings.charges,
      callsIndirectly: findings.callsIndirectly,
    };
  }

  #read(): void {
    const walk = this.#walk;
    const { reader } = walk;
    walk.begin();
    openFrame(walk, KIND.block);
    while (walk.top >= 0 && reader.next()) interpretInstruction(walk, reader.op);
  }

  /** What the callers have to know. */
  #conclude(index: number): void {
    const facts = this.#facts;
    const walk = this.#walk;
    const { findings } = walk;
    const small = findings.leaf && findings.instructions <= SERVICE_WEIGHT;
    if (small && findings.asks && !findings.passable) facts.askers[index] = 1;
    if (facts.settlers[index] === 1) {
      if (small && findings.settled && !findings.passable) facts.settlers[index] = 2;
      else walk.problem("a function that takes a parameter off the fuel does not check");
    }
    facts.passable[index] = findings.passable ? 1 : 0;
    facts.prefix[index] = findings.prefix + 2 * findings.debtLimit;
    facts.through[index] = findings.through;
    // What only charges is paid for as the operation that it stands for.
    if (small && (findings.service || findings.asks || findings.settled)) return;
    facts.prepaid[index] = findings.need;
    for (const { offset, units } of findings.undercharged) {
      walk.problem(`a cycle that is charged too little, by ${String(units)}`, offset);
    }
  }
}
