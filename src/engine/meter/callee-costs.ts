import type { CallOrder } from "./call-order.ts";

/** Flat part of their entry cost that callers pay for functions they reach through a table or a reference. */
export const INDIRECT_PAYABLE = 16;
/** Units that an unknown callee may burn without a check. */
export const UNKNOWN_WEIGHT = 2_000;

/** Largest entry cost that is left to the direct callers. */
const MOST_PAYABLE = 256;
/** Units that may burn on any way without a check: about a microsecond. */
const MOST_UNCHECKED = 20_000;

/**
 * Who pays for the entry of which function, and which functions check at their entry.
 *
 * Every cycle of the call graph passes a function that checks: a target of a back edge of the direct calls, or, if the
 * cycle has an indirect or outgoing call, the function that this call enters.
 */
export class CalleeCosts {
  readonly #order: CallOrder;
  /** Reachable by anything but direct calls: 1 through tables and references, 2 (too) from the host. */
  readonly #exposed: Uint8Array;
  readonly #settled: Uint8Array;
  readonly #prepaid: Int32Array;
  readonly #unchecked: Int32Array;
  readonly #depth: Int32Array;

  constructor(order: CallOrder, exposed: Uint8Array) {
    const count = exposed.length;
    this.#order = order;
    this.#exposed = exposed;
    this.#settled = new Uint8Array(count);
    this.#prepaid = new Int32Array(count);
    this.#unchecked = new Int32Array(count);
    this.#depth = new Int32Array(count);
  }

  isChecked(defined: number): boolean {
    return this.#order.heads[defined] === 1 || (this.#exposed[defined] !== 0 && this.#order.reachesOut[defined] === 1);
  }

  /** Units of the entry cost that a direct caller pays. */
  payable(defined: number): number {
    if (this.#settled[defined] === 1) return this.#prepaid[defined] as number;
    return (this.#exposed[defined] as number) >= 2 ? 0 : INDIRECT_PAYABLE;
  }

  /** Units that a call may burn since its last check. */
  unchecked(defined: number): number {
    return this.#settled[defined] === 1 ? (this.#unchecked[defined] as number) : MOST_UNCHECKED / 2;
  }

  /** Units that the function may let burn on any way without a check. */
  mostUnchecked(defined: number): number {
    // An exposed function that checks at its entry ends the caller's way; any other must be as light as callers assume.
    return this.#exposed[defined] === 0 || this.isChecked(defined) ? MOST_UNCHECKED : UNKNOWN_WEIGHT;
  }

  /** Units of stack that a call takes and that the callee does not count itself. */
  depth(defined: number): number {
    return this.#depth[defined] as number;
  }

  settleDepth(defined: number, units: number): void {
    this.#depth[defined] = this.isChecked(defined) ? 0 : units;
  }

  /** Fixes the callers' part once the entry cost is known; returns the rest, which the function charges itself. */
  settle(defined: number, entryCost: number, unchecked: number): number {
    const exposed = this.#exposed[defined] as number;
    let prepaid: number;
    // The host pays nothing for its calls, so that its functions pay for themselves.
    if (exposed >= 2) prepaid = 0;
    else if (exposed === 1 || this.#order.heads[defined] === 1) prepaid = Math.min(entryCost, INDIRECT_PAYABLE);
    else prepaid = entryCost <= MOST_PAYABLE ? entryCost : 0;
    this.#settled[defined] = 1;
    this.#prepaid[defined] = prepaid;
    this.#unchecked[defined] = unchecked;
    return entryCost - prepaid;
  }
}
