import type { Clock } from "../capabilities/clock.ts";
import type { PendingCalls } from "../capabilities/pending-calls.ts";
import type { FuelGauge } from "../engine/instance/fuel-gauge.ts";
import type { GuestSession, GuestTurn, RunRequest } from "../guests/guest.ts";

/** One run, as an execution drives it: the fuel gauge is armed, the capabilities point at this run. */
export interface Drive {
  readonly session: GuestSession;
  /** Enters the guest for the first time: starts the run, or goes on from where it was suspended. */
  readonly begin: <Turn>(start: (request: RunRequest) => Turn) => Turn | WaitingTurn;
  readonly fuel: FuelGauge;
  /** Tool calls and requests. */
  readonly calls: PendingCalls;
  readonly clock: Clock;
  /** Where the guest's output goes: the run keeps step with whoever takes it. */
  readonly output: { drained(): Promise<void> | undefined };
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Given: the run is suspended when its guest waits for nothing but tool calls that its caller answers. */
  readonly suspension?: Suspension | undefined;
  /** Waits on the host's own clock, whatever clock the guest has: for the deadline. */
  readonly hostSleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** When a run that may be suspended is to be. */
export interface Suspension {
  reached(callIds: readonly number[]): boolean;
  /** Resolves when it is reached. */
  whenReached(callIds: readonly number[]): Promise<void>;
}

export type WaitingTurn = Extract<GuestTurn, { readonly state: "waiting" }>;

/** A guest that waits, and is left waiting. */
export interface SuspendedTurn {
  readonly state: "suspended";
  readonly turn: WaitingTurn;
}

/** The turn that ends a run. */
export type FinalTurn = Exclude<GuestTurn, { readonly state: "waiting" }>;

/** The end of a run whose signal was aborted. */
export function abortedTurn(signal: AbortSignal): FinalTurn {
  return { state: "stopped", reason: { kind: "abort", reason: signal.reason as unknown } };
}
