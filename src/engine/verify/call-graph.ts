import { IMPORTED, INDIRECT } from "./module-facts.ts";
import type { CallSink } from "./module-facts.ts";

/** The graph of calls between functions, with two nodes more: "any function by reference" and "any import". */
export class CallGraph implements CallSink {
  readonly #functions: number;
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
    this.#versions = new Uint32Array(functions + 2);
  }

  begin(caller: number): void {
    this.#current = caller;
    this.#version++;
    this.#versions[caller] = this.#version;
  }

  call(callee: number, checked: boolean): void {
    this.#edge(this.#current, this.#node(callee), checked);
  }

  /** A call that the module does not show: from a table or import into a function. */
  reach(from: typeof INDIRECT | typeof IMPORTED, callee: number): void {
    this.#edge(this.#node(from), this.#node(callee), false);
  }

  /**
   * The functions that take part in recursion without a check, or only call such: the graph without checked calls must
   * have no cycle (Kahn's algorithm).
   */
  unchecked(): readonly number[] {
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
    const queue = new Uint32Array(nodes);
    let tail = 0;
    for (let node = 0; node < nodes; node++) if (waiting[node] === 0) queue[tail++] = node;
    for (let head = 0; head < tail; head++) {
      const node = queue[head] as number;
      for (let at = first[node] as number; at < (first[node + 1] as number); at++) {
        const caller = callers[at] as number;
        waiting[caller] = (waiting[caller] as number) - 1;
        if (waiting[caller] === 0) queue[tail++] = caller;
      }
    }
    const left: number[] = [];
    for (let node = 0; node < nodes; node++) if ((waiting[node] as number) > 0) left.push(node);
    return left;
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
