import type { Clock, ClockState } from "../clock.ts";
import { checkResolution, DEFAULT_RESOLUTION_MS, roundDown } from "./resolution.ts";

/** Where a clock gets real time; a platform provides it. */
export interface TimeSource {
  /** Milliseconds since the epoch. */
  wallNow(): number;
  /** Milliseconds from any start; never goes back. */
  monotonicNow(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  sleepSync(ms: number): void;
}

/**
 * The host's clock as a guest may see it: both times are rounded down to `resolutionMs` (default 1), and the monotonic
 * time starts at 0, so that it does not tell how long the host has been up.
 *
 * @throws RangeError if the resolution is not from 0.001 to 1,000 ms
 */
export function realClock(source: TimeSource, options: { readonly resolutionMs?: number } = {}): Clock {
  const resolutionMs = checkResolution("real", options.resolutionMs ?? DEFAULT_RESOLUTION_MS);
  let startMs = source.monotonicNow();
  let latestMs = 0;
  const monotonic = (): number => {
    latestMs = Math.max(latestMs, roundDown(source.monotonicNow() - startMs, resolutionMs));
    return latestMs;
  };
  return {
    kind: "real",
    resolutionMs,
    now: () => roundDown(source.wallNow(), resolutionMs),
    monotonic,
    sleep: (ms, signal) => source.sleep(duration(ms), signal),
    sleepSync: (ms) => source.sleepSync(duration(ms)),
    capture: () => ({ elapsedMs: monotonic() }),
    restore: ({ elapsedMs }: ClockState) => {
      startMs = source.monotonicNow() - elapsedMs;
      latestMs = elapsedMs;
    },
    fork: () => realClock(source, options),
  };
}

function duration(ms: number): number {
  return ms > 0 ? ms : 0;
}
