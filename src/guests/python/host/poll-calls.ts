import { ERRNO } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";
import { sleep } from "./sleep.ts";

/** Waiting for descriptors. */
export const pollCalls: Readonly<Record<string, HostCall>> = {
  __syscall_poll(host, records: number, count: number, timeoutMs: number) {
    const descriptors = count >>> 0;
    // Unbounded, a guest could keep the host busy for a second with one call.
    if (descriptors > MAX_DESCRIPTORS) return -ERRNO.EINVAL;
    if (!host.memory.has(records, descriptors * POLLFD_BYTES)) return -ERRNO.EFAULT;
    host.charge(descriptors * POLLFD_BYTES);
    let ready = 0;
    for (let index = 0; index < descriptors; index++)
      if (examine(host, (records >>> 0) + index * POLLFD_BYTES)) ready++;
    if (ready > 0 || timeoutMs === 0) return ready;
    // There is one thread: what is not ready now will not be ready later.
    if (timeoutMs < 0) return -ERRNO.EDEADLK;
    sleep(host, timeoutMs);
    return 0;
  },
  // Null: "not asynchronous, go on with the syscall".
  _maybe_poll_async: () => null,
};

const MAX_DESCRIPTORS = 1_024;
const POLLFD_BYTES = 8;
const POLLIN = 1;
const POLLOUT = 4;
const POLLNVAL = 32;

function examine(host: PythonHost, record: number): boolean {
  const fd = host.memory.i32(record) ?? -1;
  const wanted = host.memory.u16(record + 4) ?? 0;
  let seen = 0;
  if (fd >= 0) {
    const open = host.descriptors.get(fd);
    if (open === undefined) seen = POLLNVAL;
    else seen = ((open.readable() ? POLLIN : 0) | (open.writable() ? POLLOUT : 0)) & wanted;
  }
  host.memory.setU16(record + 6, seen);
  return seen !== 0;
}
