/** What an edit does at its place. `a` and `b` are the edit's arguments. */
export const EDIT = {
  /** Subtract `a` units. */
  charge: 0,
  /** Subtract `a` units and check. */
  chargeAndCheck: 1,
  /** Write `a` as an unsigned LEB128 in place of the range. */
  index: 2,
  /** Call function `a` (in place of the range, if it is not empty). */
  call: 3,
  none: 4,
  /** Add `a` units to the debt local. */
  debt: 6,
  /** The same, and flush if the debt has reached the quantum. */
  debtAndCheck: 7,
  /** Move the debt to the global and check. */
  flush: 8,
  /** In place of a `loop`: an outer loop that flushes, and an inner one that adds `a` units to the debt. */
  doubledLoop: 9,
  /** In place of a `loop`: an outer loop with the slow path, and an inner one that checks and then charges `a` units. */
  doubledCheckedLoop: 5,
  end: 10,
  /** Open a block. */
  open: 17,
  /**
   * In place of the `end` of a loop's body that is written again: leave by label `a`, end the turn's block and, if `b`
   * is 1, open the next one. The range ends where the body begins: back in the input.
   */
  turn: 18,
  /** In place of a `br_if` out of debt loops: flush on the way; `a`: the label as seen from inside an `if`. */
  exitIf: 16,
  /** Open a block that returns what the function returns; `a`: its type, or -1 for none. */
  wrap: 11,
  /** Take `a` bytes of stack and trap if none are left; remembers the level in the stack local. */
  enterStack: 12,
  /** Remember the level of the stack without taking any. */
  saveStack: 13,
  /** Back to the level that was remembered. */
  restoreStack: 14,
  /** Give back `a` bytes of stack. */
  leaveStack: 15,
} as const;

const WIDTH = 5;

/**
 * The edits of all functions: flat numbers, since a large module has hundreds of thousands of them.
 *
 * Each edit replaces the bytes `[at, until)` of the input; an empty range inserts. Edits of one function lie together,
 * by ascending place, but that an edit whose range ends before it begins has the input in between written again.
 */
export class EditList {
  #data: Int32Array = new Int32Array(1024 * WIDTH);
  length = 0;

  add(kind: number, at: number, until: number, a: number, b = 0): number {
    const offset = this.length * WIDTH;
    if (offset === this.#data.length) {
      const grown = new Int32Array(this.#data.length * 2);
      grown.set(this.#data);
      this.#data = grown;
    }
    const data = this.#data;
    data[offset] = at;
    data[offset + 1] = until;
    data[offset + 2] = kind;
    data[offset + 3] = a;
    data[offset + 4] = b;
    return this.length++;
  }

  at(edit: number): number {
    return this.#data[edit * WIDTH] as number;
  }

  until(edit: number): number {
    return this.#data[edit * WIDTH + 1] as number;
  }

  kind(edit: number): number {
    return this.#data[edit * WIDTH + 2] as number;
  }

  a(edit: number): number {
    return this.#data[edit * WIDTH + 3] as number;
  }

  b(edit: number): number {
    return this.#data[edit * WIDTH + 4] as number;
  }

  setKind(edit: number, kind: number): void {
    this.#data[edit * WIDTH + 2] = kind;
  }

  setA(edit: number, value: number): void {
    this.#data[edit * WIDTH + 3] = value;
  }
}

/** The edits of one function: `[first, last)` of the list, and the locals to add behind its own (i32, in this order). */
export interface FunctionPlan {
  readonly first: number;
  readonly last: number;
  readonly debtLocal: boolean;
  readonly stackLocal: boolean;
  /** Local for the value of the counter between its change and its check. */
  readonly checkLocal: boolean;
  /** Number of locals of the function as given, parameters included. */
  readonly locals: number;
  /** Offset of the first instruction. */
  readonly code: number;
  /** Units of the entry that direct callers pay. */
  readonly prepaid: number;
}
