import type { Clock } from "../clock.ts";
import { checkTime, ManualClock } from "./manual-clock.ts";

/**
 * A clock whose wall time stands still at `at` (milliseconds since the epoch, or a Date). Sleeping returns at once and
 * moves only the monotonic time, so that timers fire in their order and waiting loops end.
 *
 * @throws RangeError if `at` is not a time
 */
export function fixedClock(at: number | Date): Clock {
  return new ManualClock("fixed", checkTime("fixed", at));
}
