/**
 * What a guest knows of time. All values are milliseconds and may have a fraction.
 *
 * The deadline of a run is not taken from here: it is always the host's own monotonic clock,
 * so a guest with a virtual clock still has a wall-clock limit.
 */
export interface Clock {
  readonly kind: "real" | "fixed" | "virtual" | "custom";
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
  /** Back to the state at the creation (virtual and fixed clocks); a real clock has none. */
  reset?(): void;
}
