import type { Clock, ClockState } from "../clock.ts";
import type { TimeSource } from "./real-clock.ts";
import { checkResolution, DEFAULT_RESOLUTION_MS, roundDown } from "./resolution.ts";

/**
 * Real time that stands still while the guest computes, so that it cannot time its own work: no loop, however long,
 * sees it move. It moves when the guest has waited: by the time asked for after a sleep (which takes that long for real),
 * and to the present when a run begins or something outside has ended.
 *
 * @throws RangeError if the resolution is not from 0.001 to 1,000 ms
 */
export function frozenClock(source: TimeSource, options: { readonly resolutionMs?: number } = {}): Clock {
  return new FrozenClock(source, checkResolution("frozen", options.resolutionMs ?? DEFAULT_RESOLUTION_MS));
}

class FrozenClock implements Clock {
  readonly kind = "frozen";
  readonly resolutionMs: number;
  readonly #source: TimeSource;
  #startMs: number;
  #wallMs: number;
  #elapsedMs = 0;

  constructor(source: TimeSource, resolutionMs: number) {
    this.#source = source;
    this.resolutionMs = resolutionMs;
    this.#startMs = source.monotonicNow();
    this.#wallMs = roundDown(source.wallNow(), resolutionMs);
  }

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms > 0) await this.#source.sleep(ms, signal);
    signal?.throwIfAborted();
    this.#move(ms);
  }

  sleepSync(ms: number): void {
    if (ms > 0) this.#source.sleepSync(ms);
    this.#move(ms);
  }

  synchronize(): void {
    this.#wallMs = roundDown(this.#source.wallNow(), this.resolutionMs);
    this.#elapsedMs = Math.max(
      this.#elapsedMs,
      roundDown(this.#source.monotonicNow() - this.#startMs, this.resolutionMs),
    );
  }

  capture(): ClockState {
    return { elapsedMs: this.#elapsedMs };
  }

  restore({ elapsedMs }: ClockState): void {
    this.#startMs = this.#source.monotonicNow() - elapsedMs;
    this.#elapsedMs = elapsedMs;
  }

  fork(): Clock {
    return new FrozenClock(this.#source, this.resolutionMs);
  }

  /** By what was asked for, not by what has passed: the difference would tell how long the guest has computed. */
  #move(ms: number): void {
    if (!(ms > 0)) return;
    this.#wallMs += ms;
    this.#elapsedMs += ms;
  }
}
