import { Description, opened, Pipe, PIPE_READER, PIPE_WRITER } from "./descriptors";
import { EDEADLK, EINVAL, ENOSYS } from "./errno";
import { addPendingCall, deadlockError, raiseIndex } from "./interpreter";
import { block, dropPollable, subscribeDuration } from "./wasi";
import { PIPE_BYTES } from "./descriptor-calls";

/*
 * Two functions of the interpreter wait by spinning. Both are rewritten to one call of an import, with a first argument
 * that means nothing to it otherwise: see src/guests/python/host/wait-requests.ts.
 */
const SLEEP_REQUEST: i32 = 1_000;
export const PARK_REQUEST: i32 = -1_000;

/** CPython's Py_PARK_TIMEOUT and Py_PARK_INTR. */
const PARK_TIMEOUT: i32 = -1;
const PARK_INTERRUPTED: i32 = -3;

/** 10,000 years: more would only take the clock out of what a calendar can say, and out of 64 bits. */
const MAX_SLEEP_MS: f64 = 9e12;

function sleep(milliseconds: f64): void {
  if (!(milliseconds > 0)) return;
  const pollable = subscribeDuration(<i64>(min<f64>(milliseconds, MAX_SLEEP_MS) * 1e6));
  block(pollable);
  dropPollable(pollable);
}

export function _setitimer_js(which: i32, milliseconds: f64): i32 {
  if (which != SLEEP_REQUEST) return -ENOSYS;
  sleep(milliseconds);
  return 0;
}

/**
 * A wait for a lock: there are no other threads, so it can only time out. One without a time limit raises in the
 * program, by the lock's own code for interrupted waits.
 */
export function park(nanoseconds: i64): i32 {
  if (nanoseconds >= 0) {
    sleep(<f64>nanoseconds / 1e6);
    return PARK_TIMEOUT;
  }
  if (deadlockError != 0) addPendingCall(raiseIndex, deadlockError);
  return PARK_INTERRUPTED;
}

const MAX_POLLED: u32 = 1_024;
const POLLIN: i32 = 1;
const POLLOUT: i32 = 4;
const POLLNVAL: i32 = 32;

export function __syscall_poll(records: usize, count: u32, milliseconds: i32): i32 {
  if (count > MAX_POLLED) return -EINVAL;
  let ready: i32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const record = records + (<usize>index << 3);
    const fd = load<i32>(record);
    const wanted = <i32>load<u16>(record, 4);
    let seen: i32 = 0;
    if (fd >= 0) {
      const open = opened(fd);
      seen = open === null ? POLLNVAL : ((readable(open) ? POLLIN : 0) | (writable(open) ? POLLOUT : 0)) & wanted;
    }
    store<u16>(record, seen, 6);
    if (seen != 0) ready++;
  }
  if (ready > 0 || milliseconds == 0) return ready;
  // There is one thread: what is not ready now will not be ready later.
  if (milliseconds < 0) return -EDEADLK;
  sleep(<f64>milliseconds);
  return 0;
}

function readable(open: Description): bool {
  if (open.kind != PIPE_READER) return open.readable;
  const pipe = <Pipe>open.pipe;
  return pipe.length > 0 || pipe.writers == 0;
}

function writable(open: Description): bool {
  if (open.kind != PIPE_WRITER) return open.writable;
  const pipe = <Pipe>open.pipe;
  return pipe.length < PIPE_BYTES || pipe.readers == 0;
}
