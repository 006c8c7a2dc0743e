import type { MeteringProblem } from "./module-facts.ts";

/** What one reading of a function body has found out. */
export class Findings {
  loops = 0;
  instructions = 0;
  checks = 0;
  charges = 0;
  debtLimit = 0;
  leaf = true;
  keepsParameter = true;
  callsIndirectly = false;
  passable = false;
  /** Has taken its parameter off the fuel, on every path. */
  settled = false;
  /** Calls the `exhausted` import. */
  asks = false;
  /** Does an operation of run-time size that it has charged. */
  service = false;
  need = 0;
  readonly undercharged: { readonly offset: number; readonly units: number }[] = [];
  problems: MeteringProblem[] = [];
  longestRun = 0;
  prefix = 0;
  through = 0;

  /** For the next reading. The problems go to the caller: the next ones get a new list. */
  clear(): void {
    this.loops = 0;
    this.instructions = 0;
    this.checks = 0;
    this.charges = 0;
    this.debtLimit = 0;
    this.leaf = true;
    this.keepsParameter = true;
    this.callsIndirectly = false;
    this.passable = false;
    this.settled = false;
    this.asks = false;
    this.service = false;
    this.need = 0;
    this.undercharged.length = 0;
    this.problems = [];
    this.longestRun = 0;
    this.prefix = 0;
    this.through = 0;
  }
}
