import { InstructionReader } from "../binary/instruction-reader.ts";
import { Findings } from "./findings.ts";
import { clearState, FIELDS } from "./flow/flow-state.ts";
import type { States } from "./flow/flow-state.ts";
import type { Frame } from "./flow/frame.ts";
import { LoopMemory } from "./flow/loop-memory.ts";
import type { ModuleFacts } from "./module-facts.ts";
import { SymbolicStack } from "./values/symbolic-stack.ts";

/** More than this many problems of a function tell nothing new. */
const MAX_PROBLEMS = 100;

/** The place in a function body, and what is known there. One for all functions of a module: nothing is made anew. */
export class FunctionWalk {
  readonly facts: ModuleFacts;
  readonly reader: InstructionReader;
  readonly stack: SymbolicStack = new SymbolicStack();
  /** State 0 is the current one, 1 scratch, then two for each frame: at its label, and for exceptions or `else`. */
  states: States = new Int32Array(FIELDS * 64);
  /** The open blocks up to `top`; above it those to be used again. */
  readonly frames: Frame[] = [];
  readonly sizes: Map<number, { readonly amount: number; readonly local: number; readonly shift: number }> = new Map();
  readonly loops: LoopMemory = new LoopMemory();
  readonly findings: Findings = new Findings();
  function = 0;
  /** The local that holds the debt, or -1. */
  debt = -1;
  /** The local that holds the new value of fuel between a charge and its check, or -1. */
  counter = -1;
  top = -1;
  /** Loops around this place. */
  depth = 0;
  live = true;
  /** The frame that an exception would reach first, or -1. */
  innerTry = -1;
  /** The debt was taken off the fuel and is not yet set to zero. */
  owesReset = false;
  /** The counter local was just set to what fuel is about to be set to, or, behind that, equals fuel. */
  counterState: "stale" | "ahead" | "equal" = "stale";

  constructor(facts: ModuleFacts) {
    this.facts = facts;
    this.reader = new InstructionReader(facts.module.bytes, 0, 0);
  }

  /** Turns to another function. */
  enter(index: number): void {
    this.function = index;
    this.debt = this.facts.debts[index] ?? -1;
    this.counter = this.facts.counters[index] ?? -1;
    this.loops.clear();
  }

  /** Goes to the first instruction of the function, with nothing known but what the loops bring back. */
  begin(): void {
    const { module } = this.facts;
    const defined = this.function - module.importedFunctions;
    const { reader } = this;
    reader.reset(module.bodies[defined * 2] ?? 0, module.bodies[defined * 2 + 1] ?? 0);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.valueType();
    }
    this.loops.again = false;
    this.top = -1;
    this.depth = 0;
    this.live = true;
    this.innerTry = -1;
    this.owesReset = false;
    this.counterState = "stale";
    this.findings.clear();
    this.stack.clear();
    this.sizes.clear();
    clearState(this.states, 0);
  }

  problem(problem: string, offset: number = this.reader.start): void {
    const { problems } = this.findings;
    if (problems.length < MAX_PROBLEMS) problems.push({ function: this.function, offset, problem });
  }
}
