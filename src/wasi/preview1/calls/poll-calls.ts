import { ERRNO } from "../errno.ts";
import { toMilliseconds } from "../../time/nanoseconds.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import type { CallTable } from "./call.ts";
import { clockNow } from "./clock-calls.ts";
import { sleepOnClock } from "../../time/sleep.ts";

/** Waiting for clocks and descriptors. */
export const pollCalls: CallTable = {
  poll_oneoff: (host, subscriptions: number, events: number, count: number, result: number) => {
    const total = count >>> 0;
    if (total === 0 || total > MAX_SUBSCRIPTIONS) return ERRNO.EINVAL;
    const { memory } = host;
    const fits =
      memory.has(subscriptions, total * SUBSCRIPTION_BYTES) &&
      memory.has(events, total * EVENT_BYTES) &&
      memory.has(result, 4);
    if (!fits) return ERRNO.EFAULT;
    host.fuel.charge(total * SUBSCRIPTION_UNITS);
    const wanted: Subscription[] = [];
    for (let index = 0; index < total; index++)
      wanted.push(readSubscription(host, (subscriptions >>> 0) + index * SUBSCRIPTION_BYTES));
    const ready = waitForAny(host, wanted);
    for (const [index, subscription] of ready.entries())
      writeEvent(host, (events >>> 0) + index * EVENT_BYTES, subscription);
    memory.setU32(result, ready.length);
    return ERRNO.SUCCESS;
  },
};

/** Unbounded, a guest could keep the host busy for a second with one call. */
const MAX_SUBSCRIPTIONS = 1_024;
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const SUBSCRIPTION_UNITS = 5_000;

const TAG = { CLOCK: 0, FD_READ: 1, FD_WRITE: 2 } as const;
const ABSOLUTE_TIME = 1;

interface Subscription {
  readonly userdata: bigint;
  readonly tag: number;
  readonly error: number;
  /** How long until it is due; 0 for what is ready, or wrong, now. */
  readonly waitMs: number;
}

function readSubscription(host: Preview1Host, at: number): Subscription {
  const { memory } = host;
  const userdata = memory.i64(at) ?? 0n;
  const tag = memory.u8(at + 8) ?? 0;
  if (tag === TAG.CLOCK) {
    const now = clockNow(host, memory.i32(at + 16) ?? -1);
    if (now === undefined) return { userdata, tag, error: ERRNO.EINVAL, waitMs: 0 };
    const timeoutMs = toMilliseconds(memory.i64(at + 24) ?? 0n);
    const absolute = ((memory.u16(at + 40) ?? 0) & ABSOLUTE_TIME) !== 0;
    return { userdata, tag, error: ERRNO.SUCCESS, waitMs: Math.max(0, absolute ? timeoutMs - now : timeoutMs) };
  }
  if (tag !== TAG.FD_READ && tag !== TAG.FD_WRITE) return { userdata, tag, error: ERRNO.EINVAL, waitMs: 0 };
  const open = host.descriptors.get(memory.i32(at + 16) ?? -1);
  if (open === undefined) return { userdata, tag, error: ERRNO.EBADF, waitMs: 0 };
  // There is one thread, and input is there from the start: every read and write is ready now.
  return { userdata, tag, error: ERRNO.SUCCESS, waitMs: 0 };
}

/** Sleeps, if nothing is ready, until the first is; answers all that are due then. */
function waitForAny(host: Preview1Host, subscriptions: readonly Subscription[]): readonly Subscription[] {
  let wait = Number.POSITIVE_INFINITY;
  for (const { waitMs } of subscriptions) wait = Math.min(wait, waitMs);
  sleepOnClock(host.fuel, host.powers.clock, wait);
  return subscriptions.filter(({ waitMs }) => waitMs <= wait);
}

function writeEvent(host: Preview1Host, at: number, { userdata, tag, error }: Subscription): void {
  const { memory } = host;
  memory.clear(at, EVENT_BYTES);
  memory.setI64(at, userdata);
  memory.setU16(at + 8, error);
  memory.setU8(at + 10, tag);
  // How many bytes are there is not known before they are read; one at least.
  if (tag !== TAG.CLOCK && error === ERRNO.SUCCESS) memory.setI64(at + 16, 1);
}
