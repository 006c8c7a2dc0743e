import { DEBT } from "./module-scan.ts";

/** What is found out about the loops of all functions, in order of appearance. */
export class LoopList {
  flags: Uint8Array = new Uint8Array(1024);
  debtWithin: Int32Array = new Int32Array(1024);
  length = 0;

  /** Number of a loop of which nothing is known yet. */
  add(): number {
    if (this.length === this.flags.length) {
      const grown = new Uint8Array(this.length * 2);
      grown.set(this.flags);
      this.flags = grown;
      const grownDebt = new Int32Array(this.length * 2);
      grownDebt.set(this.debtWithin);
      this.debtWithin = grownDebt;
    }
    this.flags[this.length] = 0;
    this.debtWithin[this.length] = DEBT.always;
    return this.length++;
  }

  mark(loop: number, flag: number): void {
    this.flags[loop] = (this.flags[loop] as number) | flag;
  }

  /** The loop can only have a debt if the loop `within` has one. */
  restrict(loop: number, within: number): void {
    if (within < (this.debtWithin[loop] as number)) this.debtWithin[loop] = within;
  }
}
