import type { Clock } from "../../capabilities/clock.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { guarded } from "./guarded.ts";

/** `wasi:clocks/wall-clock.datetime`. */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

export interface WallClock {
  now(): Datetime;
  resolution(): Datetime;
}

export interface MonotonicClock {
  now(): bigint;
  resolution(): bigint;
}

/** In nanoseconds, from a microsecond to a second. */
function resolutionOf(clock: Clock): number {
  return Math.min(1e9, Math.max(1e3, Math.round((clock.resolutionMs ?? 1) * 1e6)));
}

/** `wasi:clocks/wall-clock` over the sandbox's clock. A moment before 1970 reads as 1970: the interface has no sign. */
export function wallClock(clock: Clock, fuel: FuelGauge): WallClock {
  return {
    now: guarded(fuel, { seconds: 0n, nanoseconds: 0 }, () => datetimeOf(clock.now())),
    resolution: () => ({
      seconds: BigInt(Math.floor(resolutionOf(clock) / 1e9)),
      nanoseconds: resolutionOf(clock) % 1e9,
    }),
  };
}

/** `wasi:clocks/monotonic-clock` over the sandbox's clock, in nanoseconds. */
export function monotonicClock(clock: Clock, fuel: FuelGauge): MonotonicClock {
  return {
    now: guarded(fuel, 0n, () => BigInt(Math.round(Math.max(0, clock.monotonic()) * 1e6))),
    resolution: () => BigInt(resolutionOf(clock)),
  };
}

function datetimeOf(ms: number): Datetime {
  const positive = Math.max(0, ms);
  const seconds = Math.floor(positive / 1000);
  return {
    seconds: BigInt(seconds),
    nanoseconds: Math.min(999_999_999, Math.round((positive - seconds * 1000) * 1e6)),
  };
}
