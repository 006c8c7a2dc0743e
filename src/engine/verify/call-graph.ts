import { IMPORTED, INDIRECT } from "./module-facts.ts";
import type { CallSink, FunctionSummary } from "./module-facts.ts";

/** The most that sums are counted to. */
const PLENTY = 2 ** 52;

/** The graph of calls between functions, with two nodes more: "any function by reference" and "any import". */
export class CallGraph implements CallSink {
  readonly #functions: number;
  readonly #weights: Float64Array;
  readonly #passable: Uint8Array;
  #from: Uint32Array = new Uint32Array(1024);
  /** Callee, times two, plus one if checked. */
  #to: Float64Array = new Float64Array(1024);
  /** When the caller was read; edges of an earlier reading are dropped. */
  #read: Uint32Array = new Uint32Array(1024);
  readonly #versions: Uint32Array;
  #length = 0;
  #current = 0;
  #version = 0;

  constructor(functions: number) {
    this.#functions = functions;
    this.#weights = new Float64Array(functions + 2);
    this.#passable = new Uint8Array(functions + 2);
    this.#passable[functions] = 1;
    this.#passable[functions + 1] = 1;
    this.#versions = new Uint32Array(functions + 2);
  }

  /** The calls that follow are made by this function. They replace those that it was said to make before. */
  begin(caller: number): void {
    this.#current = caller;
    this.#version++;
    this.#versions[caller] = this.#version;
  }

  end(summary: FunctionSummary): void {
    // The instructions of a loop on debt run as often as the debt allows.
    this.#weights[this.#current] = summary.weight + (summary.debtLimit > 0 ? summary.debtLimit + summary.weight : 0);
    this.#passable[this.#current] = summary.passable ? 1 : 0;
  }

  call(callee: number, checked: boolean): void {
    this.#edge(this.#current, this.#node(callee), checked);
  }

  /** A call that the module does not show: from a table or import into a function. */
  reach(from: typeof INDIRECT | typeof IMPORTED, callee: number): void {
    this.#edge(this.#node(from), this.#node(callee), false);
  }

  /**
   * Looks for recursion without a check, and for the longest run without one.
   *
   * Recursion: the graph without checked calls must have no cycle (Kahn's algorithm). Run: an upper bound on the
   * instructions between two checks; each function is counted once for each call that may run through it unchecked,
   * so a chain of doubling calls shows as what it is.
   */
  examine(): { readonly recursive: readonly number[]; readonly longestRun: number; readonly longestFunction: number } {
    this.#dropOld();
    const nodes = this.#functions + 2;
    const waiting = new Uint32Array(nodes);
    const first = new Uint32Array(nodes + 1);
    for (let edge = 0; edge < this.#length; edge++) {
      if (this.#isChecked(edge)) continue;
      waiting[this.#from[edge] as number] = (waiting[this.#from[edge] as number] as number) + 1;
      const to = this.#callee(edge);
      first[to + 1] = (first[to + 1] as number) + 1;
    }
    for (let node = 0; node < nodes; node++) first[node + 1] = (first[node + 1] as number) + (first[node] as number);
    const callers = new Uint32Array(first[nodes] as number);
    const fill = first.slice();
    for (let edge = 0; edge < this.#length; edge++) {
      if (this.#isChecked(edge)) continue;
      const to = this.#callee(edge);
      callers[fill[to] as number] = this.#from[edge] as number;
      fill[to] = (fill[to] as number) + 1;
    }
    const downward = this.#weights.slice();
    const queue = new Uint32Array(nodes);
    let head = 0;
    let tail = 0;
    for (let node = 0; node < nodes; node++) if (waiting[node] === 0) queue[tail++] = node;
    while (head < tail) {
      const node = queue[head++] as number;
      for (let at = first[node] as number; at < (first[node + 1] as number); at++) {
        const caller = callers[at] as number;
        const below = downward[node] as number;
        // Behind a table or an import is one function at a time.
        const sum = caller >= this.#functions ? Math.max(downward[caller] as number, below) : (downward[caller] as number) + below;
        downward[caller] = Math.min(PLENTY, sum);
        waiting[caller] = (waiting[caller] as number) - 1;
        if (waiting[caller] === 0) queue[tail++] = caller;
      }
    }
    const recursive: number[] = [];
    for (let node = 0; node < nodes; node++) if ((waiting[node] as number) > 0) recursive.push(node);
    return { recursive, ...this.#longest(downward) };
  }

  #longest(downward: Float64Array): { readonly longestRun: number; readonly longestFunction: number } {
    const runs = this.#weights.slice();
    const last = new Float64Array(runs.length);
    for (let edge = 0; edge < this.#length; edge++) {
      const from = this.#from[edge] as number;
      const to = this.#callee(edge);
      const below = downward[to] as number;
      if (this.#passable[to] === 1) runs[from] = Math.min(PLENTY, (runs[from] as number) + below);
      else last[from] = Math.max(last[from] as number, below);
    }
    let longestRun = 0;
    let longestFunction = -1;
    for (let node = 0; node < this.#functions; node++) {
      const run = (runs[node] as number) + (last[node] as number);
      if (run > longestRun) {
        longestRun = run;
        longestFunction = node;
      }
    }
    return { longestRun, longestFunction };
  }

  #node(callee: number): number {
    if (callee === INDIRECT) return this.#functions;
    if (callee === IMPORTED) return this.#functions + 1;
    return callee;
  }

  #edge(from: number, to: number, checked: boolean): void {
    if (this.#length === this.#from.length) {
      const fromGrown = new Uint32Array(this.#length * 2);
      fromGrown.set(this.#from);
      this.#from = fromGrown;
      const toGrown = new Float64Array(this.#length * 2);
      toGrown.set(this.#to);
      this.#to = toGrown;
      const readGrown = new Uint32Array(this.#length * 2);
      readGrown.set(this.#read);
      this.#read = readGrown;
    }
    this.#read[this.#length] = this.#versions[from] as number;
    this.#from[this.#length] = from;
    this.#to[this.#length] = to * 2 + (checked ? 1 : 0);
    this.#length++;
  }

  #dropOld(): void {
    let kept = 0;
    for (let edge = 0; edge < this.#length; edge++) {
      if (this.#read[edge] !== this.#versions[this.#from[edge] as number]) continue;
      this.#from[kept] = this.#from[edge] as number;
      this.#to[kept] = this.#to[edge] as number;
      this.#read[kept] = this.#read[edge] as number;
      kept++;
    }
    this.#length = kept;
  }

  #callee(edge: number): number {
    return Math.floor((this.#to[edge] as number) / 2);
  }

  #isChecked(edge: number): boolean {
    return (this.#to[edge] as number) % 2 === 1;
  }
}
