import { readCalendarTime, writeCalendarTime } from "./calendar-time.ts";
import { ERRNO } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";
import { SLEEP_REQUEST } from "./wait-requests.ts";
import { sleep } from "./sleep.ts";

/** Clocks and calendar. The guest's zone is UTC. */
export const timeCalls: Readonly<Record<string, HostCall>> = {
  emscripten_date_now: (host) => host.capabilities.clock.now(),
  emscripten_get_now: (host) => host.capabilities.clock.monotonic(),
  clock_time_get(host, clock: number, _precision: bigint, result: number) {
    if (clock < 0 || clock > LAST_CLOCK) return ERRNO.EINVAL;
    const { clock: time } = host.capabilities;
    const ms = clock === CLOCK_REALTIME ? time.now() : time.monotonic();
    return host.memory.setI64(result, toNanoseconds(ms)) ? ERRNO.SUCCESS : ERRNO.EFAULT;
  },
  clock_res_get: (host, clock: number, result: number) =>
    clock < 0 || clock > LAST_CLOCK
      ? ERRNO.EINVAL
      : host.memory.setI64(result, toNanoseconds(host.capabilities.clock.resolutionMs ?? 1))
        ? ERRNO.SUCCESS
        : ERRNO.EFAULT,
  _gmtime_js: (host, seconds: bigint, result: number) => calendar(host, seconds, result),
  _localtime_js: (host, seconds: bigint, result: number) => calendar(host, seconds, result),
  _timegm_js: (host, calendar: number) => normalise(host, calendar),
  _mktime_js: (host, calendar: number) => normalise(host, calendar),
  _tzset_js(host, zone: number, daylight: number, standardName: number, summerName: number) {
    host.memory.setU32(zone, 0);
    host.memory.setU32(daylight, 0);
    for (const name of [standardName, summerName]) host.memory.write(name, UTC);
  },
  _setitimer_js(host, which: number, ms: number) {
    if (which !== SLEEP_REQUEST) return -ERRNO.ENOSYS;
    sleep(host, ms);
    return 0;
  },
};

const CLOCK_REALTIME = 0;
/** Realtime, monotonic, and the two CPU-time clocks, which count as monotonic. */
const LAST_CLOCK = 3;

const UTC: Uint8Array = new TextEncoder().encode("UTC\0");

function toNanoseconds(ms: number): bigint {
  // In two parts: whole nanoseconds since 1970 don't fit a double.
  const whole = Math.floor(ms);
  return Number.isFinite(ms) ? BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6)) : 0n;
}

/** Reckoning with days and months takes a few microseconds. */
const CALENDAR_UNITS = 30_000;

function calendar(host: PythonHost, seconds: bigint, result: number): void {
  host.gauge.charge(CALENDAR_UNITS);
  writeCalendarTime(host.memory, result, seconds);
}

function normalise(host: PythonHost, address: number): bigint {
  host.gauge.charge(CALENDAR_UNITS);
  const seconds = readCalendarTime(host.memory, address);
  if (seconds === undefined) return -1n;
  writeCalendarTime(host.memory, address, seconds);
  return seconds;
}
