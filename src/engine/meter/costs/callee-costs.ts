import type { CallOrder } from "./call-order.ts";

/** Flat part of their entry cost that callers pay for functions they reach through a table or a reference. */
export const INDIRECT_PAYABLE = 16;
/** Units that a function may burn on a way without a check. */
const MOST_THROUGH = 4_000;
/** The same for functions that are called before they are known, or unseen: what their callers assume. */
const UNKNOWN_WEIGHT = 1_000;

/** Largest entry cost that is left to the direct callers. */
const MOST_PAYABLE = 256;
/** Units that may burn on any way without a check: about a microsecond. */
export const MOST_UNCHECKED = 50_000;

/** Part of their entry cost that callers pay for heads of recursion, whose cost is not known yet. */
const HEAD_PAYABLE = 40;

/** Units that a function may burn, in relation to its checks. */
export interface Weights {
  /** Most from the entry to the first check, or to the exit. */
  readonly prefix: number;
  /** Most on a way without any check; -1: every way checks. */
  readonly through: number;
  /** Most from the last check, or the entry, to the exit. */
  readonly suffix: number;
}

/** Bytes of native stack that a function does not count itself. */
export interface StackShare {
  /** If it leads to recursion: between two functions that count. */
  readonly below: number;
  /** If it doesn't: above the last one that counts. */
  readonly onTop: number;
}

const NO_SHARE: StackShare = { below: 0, onTop: 0 };

/** Of callees that are not known: functions that are entered that way keep to it. */
export const UNKNOWN_WEIGHTS: Weights = { prefix: UNKNOWN_WEIGHT, through: UNKNOWN_WEIGHT, suffix: UNKNOWN_WEIGHT };

/** Who pays for the entry of which function, and what callers have to know about a callee. */
export class CalleeCosts {
  readonly #order: CallOrder;
  /** Reachable by anything but direct calls: 1 through tables and references, 2 (too) from the host. */
  readonly #exposed: Uint8Array;
  readonly #settled: Uint8Array;
  readonly #prepaid: Int32Array;
  readonly #weights: Weights[] = [];
  readonly #stack: (StackShare | undefined)[] = [];

  constructor(order: CallOrder, exposed: Uint8Array) {
    const count = exposed.length;
    this.#order = order;
    this.#exposed = exposed;
    this.#settled = new Uint8Array(count);
    this.#prepaid = new Int32Array(count);
  }

  /** Whether the function has to check before it calls anything that could lead back to it. */
  isHead(defined: number): boolean {
    return this.#order.heads[defined] === 1;
  }

  /** Whether a direct call of the function can be part of a cycle. */
  closesCycle(defined: number): boolean {
    return this.#order.reachesCycle[defined] === 1;
  }

  /** Units of the entry cost that a direct caller pays. */
  payable(defined: number): number {
    if (this.#settled[defined] === 1) return this.#prepaid[defined] as number;
    return this.#share(defined, Number.POSITIVE_INFINITY);
  }

  weights(defined: number): Weights {
    return this.#settled[defined] === 1 ? (this.#weights[defined] as Weights) : UNKNOWN_WEIGHTS;
  }

  /** Units that the function may let burn on a way without any check. */
  mostThrough(defined: number): number {
    return this.#exposed[defined] === 0 && !this.isHead(defined) ? MOST_THROUGH : UNKNOWN_WEIGHT;
  }

  /** Stack that a call takes and that the callee does not count itself. */
  stack(defined: number): StackShare {
    return this.#stack[defined] ?? NO_SHARE;
  }

  settleStack(defined: number, share: StackShare): void {
    this.#stack[defined] = share;
  }

  /** Fixes the callers' part once the entry cost is known; returns the rest, which the function charges itself. */
  settle(defined: number, entryCost: number, weights: Weights): number {
    const prepaid = this.#share(defined, entryCost);
    this.#settled[defined] = 1;
    this.#prepaid[defined] = prepaid;
    this.#weights[defined] = weights;
    return entryCost - prepaid;
  }

  #share(defined: number, entryCost: number): number {
    const exposed = this.#exposed[defined] as number;
    // The host pays nothing for its calls, so that its functions pay for themselves.
    if (exposed >= 2) return 0;
    if (exposed === 1) return Math.min(entryCost, INDIRECT_PAYABLE);
    if (this.isHead(defined)) return Math.min(entryCost, HEAD_PAYABLE);
    return entryCost <= MOST_PAYABLE ? entryCost : 0;
  }
}
