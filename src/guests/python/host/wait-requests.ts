import type { PythonHost } from "./python-host.ts";
import { sleep } from "./sleep.ts";

/*
 * Two functions of the interpreter wait by spinning: `emscripten_thread_sleep` until the clock is there, and
 * `_PyParkingLot_Park` (every wait for a lock) until another thread does something. Both are rewritten at build time
 * (see runtimes/python/prepare-module.ts) to one call of an import that has a fitting type, with a first argument
 * that means nothing to that import otherwise.
 */

/** First argument of `_setitimer_js` in place of a timer's number. */
export const SLEEP_REQUEST = 1_000;
/** First argument of `__syscall_ftruncate64` in place of a descriptor. */
export const PARK_REQUEST = -1_000;

/** CPython's Py_PARK_TIMEOUT and Py_PARK_INTR. */
const PARK_TIMEOUT = -1;
const PARK_INTERRUPTED = -3;

/**
 * A wait for a lock: there are no other threads, so it can only time out. One without a time limit raises in the guest,
 * which would otherwise wait until its deadline.
 */
export function park(host: PythonHost, timeoutNs: bigint): number {
  if (timeoutNs >= 0n) {
    sleep(host, Number(timeoutNs) / 1e6);
    return PARK_TIMEOUT;
  }
  const { deadlockError, exports, trampoline } = host;
  host.charge();
  // Run by the lock's own code, as it does for signals when a wait is interrupted.
  if (deadlockError !== 0) host.gauge.enter(() => exports.Py_AddPendingCall(trampoline.raiseIndex, deadlockError));
  return PARK_INTERRUPTED;
}
