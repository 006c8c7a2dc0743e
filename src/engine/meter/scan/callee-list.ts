/** How many of the last callees are looked at for a repetition. */
const NEIGHBOURS = 4;

/** The direct callees of all functions, one function behind the other. */
export class CalleeList {
  callees: Int32Array = new Int32Array(1024);
  length = 0;
  #first = 0;

  /** The callees that follow are those of the next function. */
  begin(): void {
    this.#first = this.length;
  }

  /** Neighbours repeat often and are left out; the rest of the duplicates does no harm. */
  add(defined: number): void {
    for (let index = this.length - 1; index >= this.#first && index >= this.length - NEIGHBOURS; index--) {
      if (this.callees[index] === defined) return;
    }
    if (this.length === this.callees.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.callees);
      this.callees = grown;
    }
    this.callees[this.length++] = defined;
  }
}
