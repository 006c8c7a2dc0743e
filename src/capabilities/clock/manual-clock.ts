import type { Clock, ClockState, PortableClock } from "../clock.ts";

/** A clock that moves only when something sleeps on it: the common part of the fixed and the virtual clock. */
export class ManualClock implements Clock {
  readonly kind: "fixed" | "virtual";
  readonly #startMs: number;
  #elapsedMs = 0;

  constructor(kind: "fixed" | "virtual", startMs: number) {
    this.kind = kind;
    this.#startMs = startMs;
  }

  now(): number {
    return this.kind === "fixed" ? this.#startMs : this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleepSync(ms);
  }

  sleepSync(ms: number): void {
    // NaN and negative times come from guests; the sum must stay finite, or the clock would never move again.
    if (ms > 0) this.#elapsedMs = Math.min(this.#elapsedMs + ms, Number.MAX_SAFE_INTEGER);
  }

  portable(): PortableClock {
    return this.kind === "fixed" ? { kind: "fixed", at: this.#startMs } : { kind: "virtual", start: this.#startMs };
  }

  capture(): ClockState {
    return { elapsedMs: this.#elapsedMs, startMs: this.#startMs };
  }

  /** The start stays this clock's own. */
  restore({ elapsedMs }: ClockState): void {
    this.#elapsedMs = elapsedMs;
  }

  fork(): Clock {
    return new ManualClock(this.kind, this.#startMs);
  }

  reset(): void {
    this.#elapsedMs = 0;
  }
}

/** Dates in JavaScript end here. */
const LARGEST_TIME_MS = 8.64e15;

/** @throws TypeError or RangeError that names `what` */
export function checkTime(what: string, at: number | Date): number {
  const ms = at instanceof Date ? at.getTime() : at;
  if (typeof ms !== "number") throw new TypeError(`Cannot make a ${what} clock: the time must be a number or a Date`);
  if (!Number.isFinite(ms) || Math.abs(ms) > LARGEST_TIME_MS) {
    throw new RangeError(`Cannot make a ${what} clock: ${ms} ms is not a time`);
  }
  return ms;
}
