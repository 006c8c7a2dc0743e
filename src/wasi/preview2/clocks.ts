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

const MS_RESOLUTION: Datetime = { seconds: 0n, nanoseconds: 1_000_000 };

/** `wasi:clocks/wall-clock` over the sandbox's clock. A moment before 1970 reads as 1970: the interface has no sign. */
export function wallClock(clock: Clock, fuel: FuelGauge): WallClock {
  return {
    now: guarded(fuel, { seconds: 0n, nanoseconds: 0 }, () => datetimeOf(clock.now())),
    resolution: () => MS_RESOLUTION,
  };
}

/** `wasi:clocks/monotonic-clock` over the sandbox's clock, in nanoseconds. */
export function monotonicClock(clock: Clock, fuel: FuelGauge): MonotonicClock {
  return {
    now: guarded(fuel, 0n, () => BigInt(Math.round(Math.max(0, clock.monotonic()) * 1e6))),
    resolution: () => 1_000n,
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
