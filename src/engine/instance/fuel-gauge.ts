/**
 * Contract of the metered instance's gauge (to be implemented in this folder).
 *
 * One gauge per sandbox. It owns the 53-bit fuel total, hands it to the metered modules in slices of `sliceUnits`
 * through their exported i32 fuel global, and at each slice checks fuel, deadline and abort signal.
 */

/** Every way in which a guest can be ended by force. */
export type StopReason =
  | { readonly kind: "fuel"; readonly allowed: number }
  | { readonly kind: "time"; readonly allowedMs: number }
  | { readonly kind: "abort"; readonly reason: unknown }
  /** V8's own stack overflow (RangeError) or the deterministic depth limit. */
  | { readonly kind: "stack" }
  /** Out-of-memory reported by the guest's runtime as a trap/abort, or linear memory refused by the engine. */
  | { readonly kind: "memory" }
  /** `unreachable` executed by the guest itself (not by the meter). */
  | { readonly kind: "unreachable" }
  /** Any other trap: out-of-bounds access, division by zero, bad indirect call. */
  | { readonly kind: "trap"; readonly message: string }
  /** The guest's own process exit, requested through `stop`. */
  | { readonly kind: "exit"; readonly code: number }
  /** An import called a sealed function: `name` is the import's. */
  | { readonly kind: "sealed"; readonly name: string }
  /** A defect of a host import (it threw). The instance must be dropped. */
  | { readonly kind: "host-error"; readonly cause: unknown };

export type Completion<T> = { readonly kind: "returned"; readonly value: T } | { readonly kind: "stopped"; readonly reason: StopReason };

export interface FuelBudget {
  /** Units for the whole run. Number.POSITIVE_INFINITY: none. */
  readonly fuel: number;
  /** In milliseconds of the gauge's clock from now. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One metered core module's link to the gauge: pass `exhausted` as the import, then attach the exported global. */
export interface FuelCell {
  readonly exhausted: () => number;
  attach(fuel: WebAssembly.Global<"i32">): void;
}

export interface FuelGauge {
  cell(): FuelCell;
  /** Starts a run's budget. Used fuel counts from 0 again. */
  arm(budget: FuelBudget): void;
  disarm(): void;
  /** Calls into the guest. The only way in: classifies every end. Nested calls (guest → host → guest) share the budget, up to a depth of 16. */
  enter<T>(call: () => T): Completion<T>;
  /** Charges host work (bytes copied, entries listed). Takes effect at the guest's next check. Returns whether the run may go on. */
  charge(units: number): boolean;
  /** Asks for a stop from inside an import: the guest traps at its next check; the first reason wins. */
  stop(reason: StopReason): void;
  /** Whether a stop was asked for: imports then do nothing and return an error. */
  readonly stopping: boolean;
  /** Units used since `arm`, host charges included. */
  readonly used: number;
  /** Milliseconds left of the deadline on the gauge's clock; Infinity without one. For bounding host waits. */
  remainingMs(): number;
}
