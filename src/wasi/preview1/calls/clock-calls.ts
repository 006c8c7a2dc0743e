import { ERRNO } from "../errno.ts";
import { toNanoseconds } from "../../time/nanoseconds.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import type { CallTable } from "./call.ts";

const REALTIME = 0;
/** Realtime, monotonic, and the two CPU-time clocks, which count as monotonic. */
const LAST_CLOCK = 3;
/** What the sandbox's own real clock is rounded to. */
const RESOLUTION_NS = 1_000_000;

/** Clocks and the scheduler's one call. */
export const clockCalls: CallTable = {
  clock_res_get: (host, clock: number, result: number) => {
    if (clock < 0 || clock > LAST_CLOCK) return ERRNO.EINVAL;
    return host.memory.setI64(result, RESOLUTION_NS) ? ERRNO.SUCCESS : ERRNO.EFAULT;
  },
  clock_time_get: (host, clock: number, _precision: bigint, result: number) => {
    const ms = clockNow(host, clock);
    if (ms === undefined) return ERRNO.EINVAL;
    return host.memory.setI64(result, toNanoseconds(ms)) ? ERRNO.SUCCESS : ERRNO.EFAULT;
  },
  sched_yield: () => ERRNO.SUCCESS,
};

/** Milliseconds on one of the guest's clocks; undefined for a number that is none. */
export function clockNow(host: Preview1Host, clock: number): number | undefined {
  if (clock < 0 || clock > LAST_CLOCK) return undefined;
  return clock === REALTIME ? host.powers.clock.now() : host.powers.clock.monotonic();
}
