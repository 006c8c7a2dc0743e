import { fixedClock } from "../capabilities/clock/fixed-clock.ts";
import { frozenClock } from "../capabilities/clock/frozen-clock.ts";
import { realClock } from "../capabilities/clock/real-clock.ts";
import type { TimeSource } from "../capabilities/clock/real-clock.ts";
import { virtualClock } from "../capabilities/clock/virtual-clock.ts";
import type { Clock } from "../capabilities/clock.ts";
import { WardianError } from "../errors.ts";
import { describe } from "./limits.ts";

/**
 * Which time a guest has.
 *
 * | kind      | wall time                                            | sleeping                          |
 * | --------- | ---------------------------------------------------- | --------------------------------- |
 * | "real"    | the host's, in steps of `resolutionMs` (default 1)   | takes its time                    |
 * | "frozen"  | the host's, but it stands still while a guest computes | takes its time, then it moves   |
 * | "fixed"   | always `at` (default: when the sandbox was created)  | takes no time                     |
 * | "virtual" | starts at `start` (default 2000-01-01T00:00:00Z)     | takes no time and moves the clock |
 *
 * A resolution below 1 ms makes timing attacks (Spectre among them) easier.
 */
export type ClockOption =
  | "real"
  | "frozen"
  | "fixed"
  | "virtual"
  | { readonly kind: "real" | "frozen"; readonly resolutionMs?: number | undefined }
  | { readonly kind: "fixed"; readonly at?: number | Date | undefined }
  | { readonly kind: "virtual"; readonly start?: number | Date | undefined }
  | Clock;

const FIELDS: ReadonlyMap<unknown, string> = new Map([
  ["real", "resolutionMs"],
  ["frozen", "resolutionMs"],
  ["fixed", "at"],
  ["virtual", "start"],
]);

/** @throws WardianError "invalid-option", TypeError or RangeError that names the option */
export function resolveClock(clock: unknown, action: string): ClockOption {
  if (clock === undefined) return "real";
  if (typeof clock === "string" && FIELDS.has(clock)) return clock as ClockOption;
  if (typeof clock !== "object" || clock === null) throw wrong(clock, action);
  if (typeof (clock as Clock).now === "function" && typeof (clock as Clock).sleep === "function") return clock as Clock;
  const { kind, ...rest } = clock as { readonly kind?: unknown };
  const field = FIELDS.get(kind);
  if (field === undefined) throw wrong(clock, action);
  const stray = Object.keys(rest).find((name) => name !== field);
  if (stray !== undefined) {
    throw new WardianError(
      "invalid-option",
      `${action}: clock.${stray} is not an option of the "${String(kind)}" clock, which has "${field}"`,
    );
  }
  // Made once for its checks: whatever is wrong is told before anything runs.
  makeClock(clock as ClockOption, STOPPED);
  return clock as ClockOption;
}

/** The clock of one sandbox. */
export function makeClock(option: ClockOption, source: TimeSource): Clock {
  if (typeof option === "object" && "now" in option) return option;
  const given: ClockFields = typeof option === "string" ? { kind: option } : option;
  const resolution = given.resolutionMs === undefined ? {} : { resolutionMs: given.resolutionMs };
  switch (given.kind) {
    case "real":
      return realClock(source, resolution);
    case "frozen":
      return frozenClock(source, resolution);
    case "fixed":
      return fixedClock(given.at ?? source.wallNow());
    case "virtual":
      return virtualClock(given.start);
  }
}

interface ClockFields {
  readonly kind: "real" | "frozen" | "fixed" | "virtual";
  readonly resolutionMs?: number | undefined;
  readonly at?: number | Date | undefined;
  readonly start?: number | Date | undefined;
}

const STOPPED: TimeSource = {
  wallNow: () => 0,
  monotonicNow: () => 0,
  sleep: () => Promise.resolve(),
  sleepSync: () => undefined,
};

function wrong(clock: unknown, action: string): WardianError {
  return new WardianError(
    "invalid-option",
    `${action}: clock is ${describe(clock)}, and must be "real", "frozen", "fixed", "virtual", { kind, … } or a Clock`,
  );
}
