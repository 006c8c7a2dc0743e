import type { Clock } from "../clock.ts";

/** Where a real clock gets its time; a platform provides it. */
export interface TimeSource {
  /** Milliseconds since the epoch. */
  wallNow(): number;
  /** Milliseconds from any start; never goes back. */
  monotonicNow(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  sleepSync(ms: number): void;
}

/** Fine clocks are what timing attacks on the host's caches are made with, so guests get a coarse one. */
const DEFAULT_RESOLUTION_MS = 1;

/**
 * The host's clock as a guest may see it: both times are rounded down to `resolutionMs` (default 1), and the monotonic
 * time starts at 0, so that it does not tell how long the host has been up.
 *
 * @throws RangeError if the resolution is not from 0.001 to 1,000 ms
 */
export function realClock(source: TimeSource, options: { readonly resolutionMs?: number } = {}): Clock {
  const resolutionMs = options.resolutionMs ?? DEFAULT_RESOLUTION_MS;
  if (!(resolutionMs >= 0.001 && resolutionMs <= 1_000)) {
    throw new RangeError(`Cannot make a real clock: "resolutionMs" must be from 0.001 to 1000`);
  }
  const startMs = source.monotonicNow();
  let latestMs = 0;
  return {
    kind: "real",
    now: () => roundDown(source.wallNow(), resolutionMs),
    monotonic: () => {
      latestMs = Math.max(latestMs, roundDown(source.monotonicNow() - startMs, resolutionMs));
      return latestMs;
    },
    sleep: (ms, signal) => source.sleep(duration(ms), signal),
    sleepSync: (ms) => source.sleepSync(duration(ms)),
  };
}

function roundDown(ms: number, resolutionMs: number): number {
  return Math.floor(ms / resolutionMs) * resolutionMs;
}

function duration(ms: number): number {
  return ms > 0 ? ms : 0;
}
