import type { Clock } from "../clock.ts";
import { checkTime, ManualClock } from "./manual-clock.ts";

/** 2000-01-01T00:00:00Z: not 1970, since formats such as ZIP cannot hold times before 1980. */
const DEFAULT_START_MS = 946_684_800_000;

/**
 * A clock that starts at `start` (default 2000-01-01T00:00:00Z) and jumps when the guest sleeps: an hour of
 * `time.sleep` takes no time and is the same in every run.
 *
 * @throws RangeError if `start` is not a time
 */
export function virtualClock(start: number | Date = DEFAULT_START_MS): Clock {
  return new ManualClock("virtual", checkTime("virtual", start));
}
