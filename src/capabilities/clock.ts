/**
 * What a guest knows of time. All values are milliseconds and may have a fraction.
 *
 * The deadline of a run is not taken from here: it is always the host's own monotonic clock,
 * so a guest with a virtual clock still has a wall-clock limit.
 */
export interface Clock {
  /** "real" and "frozen" sleep in real time, "fixed" and "virtual" jump. A "custom" one may do either: nothing is presumed of it. */
  readonly kind: "real" | "frozen" | "fixed" | "virtual" | "custom";
  /** The step in which the times go on, in milliseconds. Default 1. */
  readonly resolutionMs?: number;
  /** Wall time: milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Monotonic time in milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Resolves when `ms` have passed on this clock (a virtual clock jumps and resolves at once). Rejects with `signal.reason` on abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Blocks the calling thread for `ms` on this clock; returns at once on a virtual or fixed clock.
   * The caller bounds `ms` by the deadline.
   */
  sleepSync(ms: number): void;
  /** Called when a run begins and when the guest hears of something outside (a tool or a request has ended): a frozen clock moves now. */
  synchronize?(): void;
  /** How the same clock is made on another thread; absent: it can't be. */
  portable?(): PortableClock;
  /** What a copy needs to go on from here. Absent, with `restore` and `fork`: a snapshot holds nothing of this clock, and forks share it. */
  capture?(): ClockState;
  /** Goes on from where another clock of this kind stood: the monotonic time does not show what has passed meanwhile. */
  restore?(state: ClockState): void;
  /** A second clock of the same making, for a fork: as this one was at its creation. */
  fork?(): Clock;
  /** Back to the state at the creation (virtual and fixed clocks); a real clock has none. */
  reset?(): void;
}

/** A clock as plain data, of the form of the `clock` option. Times in milliseconds since the epoch. */
export type PortableClock =
  | { readonly kind: "fixed"; readonly at: number }
  | { readonly kind: "virtual"; readonly start: number };

/** Whether sleeping on a clock is known to take as long as it says, so that other things may end first. */
export function sleepsInRealTime(clock: Clock): boolean {
  return clock.kind === "real" || clock.kind === "frozen";
}

/** Whether sleeping on a clock is known to take no time, so that no deadline passes meanwhile. */
export function jumps(clock: Clock): boolean {
  return clock.kind === "virtual" || clock.kind === "fixed";
}

/** A clock as JSON data. */
export interface ClockState {
  /** The monotonic time in milliseconds. */
  readonly elapsedMs: number;
  /** The wall time at the creation of a clock that does not follow the host's. */
  readonly startMs?: number;
}
