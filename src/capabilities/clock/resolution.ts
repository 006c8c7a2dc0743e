/** Fine clocks are what timing attacks on the host's caches are made with, so guests get a coarse one. */
export const DEFAULT_RESOLUTION_MS = 1;

/** @throws RangeError if the resolution is not from 0.001 to 1,000 ms */
export function checkResolution(kind: string, resolutionMs: number): number {
  if (!(resolutionMs >= 0.001 && resolutionMs <= 1_000)) {
    throw new RangeError(`Cannot make a ${kind} clock: "resolutionMs" must be from 0.001 to 1000`);
  }
  return resolutionMs;
}

export function roundDown(ms: number, resolutionMs: number): number {
  return Math.floor(ms / resolutionMs) * resolutionMs;
}
