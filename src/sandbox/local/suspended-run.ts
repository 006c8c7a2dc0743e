import type { ClockState } from "../../capabilities/clock.ts";
import type { StoredCall } from "../../capabilities/tools/deferred-calls.ts";
import type { WaitingTurn } from "../../execution/execution.ts";
import type { Limits } from "../limits.ts";
import type { SpentPowers } from "./run-calls.ts";

/** A run between two stretches, as plain data: what a snapshot holds of it beside the sandbox itself. */
export interface SuspendedRun {
  /** What the guest waits for. */
  readonly turn: WaitingTurn;
  readonly calls: readonly StoredCall[];
  /** As they were tightened when the run began. */
  readonly limits: Limits;
  readonly spent: SpentBudget;
  readonly powers: SpentPowers;
  /** When it was suspended: no time passes for the guest until it goes on. Undefined: the clock is the caller's own. */
  readonly clock: ClockState | undefined;
  /** What the guest has not read yet; undefined if the input is the caller's own object. */
  readonly stdin: Uint8Array | undefined;
}

/** What the stretches of a run have used so far; limits hold for all of them together. */
export interface SpentBudget {
  readonly fuel: number;
  /** Running, not suspended. */
  readonly wallMs: number;
  readonly outputBytes: number;
  readonly fileBytes: number;
}

export const NOTHING_SPENT: SpentBudget = { fuel: 0, wallMs: 0, outputBytes: 0, fileBytes: 0 };
