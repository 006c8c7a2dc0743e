import type { ClockState } from "../../capabilities/clock.ts";
import { WardianError } from "../../errors.ts";
import { fieldsOf } from "./read-fields.ts";

/** As far as dates go. */
const LARGEST_TIME_MS = 8.64e15;

/** @throws WardianError "invalid-snapshot" */
export function readClock(value: unknown): ClockState {
  const { elapsedMs, startMs } = fieldsOf(value);
  if (!isTime(elapsedMs) || elapsedMs < 0 || !(startMs === undefined || isTime(startMs)))
    throw new WardianError("invalid-snapshot", "Cannot read a snapshot: its clock is wrong");
  return startMs === undefined ? { elapsedMs } : { elapsedMs, startMs };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= LARGEST_TIME_MS;
}
