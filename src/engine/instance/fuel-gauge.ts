import type { DepthLimit } from "./fuel-account.ts";
import { SliceGauge } from "./slice-gauge.ts";
import type { Completion, StopReason } from "./stop-reason.ts";

export type { DepthLimit } from "./fuel-account.ts";
export type { Completion, StopReason } from "./stop-reason.ts";

export interface FuelBudget {
  /** Units for the whole run. Number.POSITIVE_INFINITY: none. */
  readonly fuel: number;
  /** In milliseconds of the gauge's clock from now. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: StopSignal | undefined;
}

/** What of an abort signal is looked at, once a slice. */
export type StopSignal = Pick<AbortSignal, "aborted" | "reason">;

/** One metered core module's link to the gauge: pass `exhausted` as the import, then attach the exported global. */
export interface FuelCell {
  /** The import of a module that runs without a break. Never throws: zero to go on, else the module traps. */
  readonly exhausted: () => number;
  /**
   * The same for a module that may be suspended: 2 if `pause` is due, which then answers as `exhausted` does. The two are
   * made into one import by `suspendingCheck`.
   */
  readonly exhaustedOrDue: () => number;
  /** Waits as the gauge's `pause` option says. For `new WebAssembly.Suspending(pause)`. */
  readonly pause: () => Promise<number>;
  /**
   * Links the instance. Until then a start function runs on credit, for at most 4,096 checks; its units are counted
   * when the global is attached. `depth`: of a module that was metered with `stackLimit`. The gauge sets it back before
   * each entry from outside.
   */
  attach(fuel: WebAssembly.Global<"i32">, depth?: DepthLimit): void;
  /** Lets go of a dropped instance. Between two runs this is not needed: an idle cell is held weakly. */
  release(): void;
}

/**
 * One gauge per sandbox. It owns the 53-bit fuel total, hands it to the metered modules in slices of `sliceUnits`
 * through their exported i32 fuel global, and at each slice checks fuel, deadline and abort signal.
 *
 * Fuel: a run stops at the first check at which `used` is greater than the budget; where that is doesn't depend on the
 * slice size. A call that comes back overdrawn counts as stopped too, so `returned` means that `used` is within the
 * budget. Time and abort are seen once a slice (`sliceUnits`, 0.03–0.1 ms a million).
 */
export interface FuelGauge {
  /** `onSlice` is called at every slice, before anything is looked at. It must not throw and must not enter the guest. */
  cell(onSlice?: () => void): FuelCell;
  /** Starts a run's budget. Used fuel counts from 0 again. Throws a `RangeError` for a negative or NaN limit. */
  arm(budget: FuelBudget): void;
  /** Ends the run: from here on every metered function stops at its first check. `used` stays readable. */
  disarm(): void;
  /**
   * Calls into the guest. The only way in: classifies every end. Nested calls (guest → host → guest) share the budget,
   * up to a depth of 16; one that is stopped stops the whole run. Throws a `WardianError` if no budget is armed.
   */
  enter<T>(call: () => T): Completion<T>;
  /**
   * The same for a call that returns a promise (an export behind `WebAssembly.promising`). The outermost one may pause;
   * what it enters in the meantime by {@link enter} or {@link withoutPause} may not.
   */
  enterAsync<T>(call: () => Promise<T>): Promise<Completion<T>>;
  /** Calls a function of the guest with JavaScript on the stack, in the middle of an {@link enterAsync}: it can't be suspended there. */
  withoutPause<T>(call: () => T): T;
  /** Charges host work (bytes copied, entries listed). Takes effect at the guest's next check. Returns whether the run may go on. */
  charge(units: number): boolean;
  /** Looks at deadline and signal now, for behind a wait in an import. Returns whether the run may go on. */
  check(): boolean;
  /** Asks for a stop from inside an import: the guest traps at its next check; the first reason wins. */
  stop(reason: StopReason): void;
  /** Whether a stop was asked for: imports then do nothing and return an error. */
  readonly stopping: boolean;
  /** What `used` was when the stop was asked for; undefined without one. */
  readonly stoppedAt: number | undefined;
  /** Units used since `arm`, host charges included. */
  readonly used: number;
  /** Milliseconds left of the deadline on the gauge's clock; Infinity without one, 0 if nothing may run. For bounding host waits. */
  remainingMs(): number;
}

export interface FuelGaugeOptions {
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
  /** Units between two looks at the clock, 1 to 2^30. Default 1,000,000: about 0.03–0.1 ms. */
  readonly sliceUnits?: number;
  /** When a guest is to be suspended between two slices, and what it waits for then. */
  readonly pause?: PauseOptions | undefined;
}

export interface PauseOptions {
  /** Asked at every slice at which it could be. */
  readonly due: () => boolean;
  readonly wait: () => Promise<void>;
}

/** Above this a full slice and the charges of one unchecked piece could wrap the i32 together. */
const MAX_SLICE = 2 ** 30;

/**
 * Makes a gauge.
 *
 * @example
 * const gauge = createFuelGauge({ now: () => performance.now() });
 * const cell = gauge.cell();
 * gauge.arm({ fuel: 1e9, timeoutMs: 50 });
 * const made = gauge.enter(() => new WebAssembly.Instance(module, { wardian: { exhausted: cell.exhausted } }));
 * if (made.kind === "returned") cell.attach(made.value.exports[fuelExport]);
 */
export function createFuelGauge(options: FuelGaugeOptions): FuelGauge {
  const { sliceUnits = 1_000_000 } = options;
  if (!Number.isInteger(sliceUnits) || sliceUnits < 1 || sliceUnits > MAX_SLICE) {
    throw new RangeError(`Cannot make a fuel gauge: sliceUnits ${String(sliceUnits)} is not an integer from 1 to 2^30`);
  }
  return new SliceGauge(options.now, sliceUnits, options.pause);
}
