import { jumps } from "../../../capabilities/clock.ts";
import { sleepOnClock } from "../../time/sleep.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { ResourceState } from "../host/resource-state.ts";

/** `wasi:io/poll.pollable`: ready from a moment of the guest's monotonic clock on; streams are ready at once. */
export class Pollable extends Resource {
  readonly #readyAtMs: number;
  #waited = false;

  constructor(host: Preview2Host, readyAtMs: number = Number.NEGATIVE_INFINITY) {
    super(host);
    this.#readyAtMs = readyAtMs;
  }

  ready(): boolean {
    return waitOf(this) <= 0;
  }

  block(): void {
    waitFor(this.host, [this]);
  }

  override capture(): ResourceState {
    return { kind: "pollable", readyAtMs: this.#waited ? Number.NEGATIVE_INFINITY : this.#readyAtMs };
  }

  /** Milliseconds until it is ready. */
  static wait(pollable: Pollable): number {
    return pollable.#waited ? 0 : pollable.#readyAtMs - pollable.host.powers.clock.monotonic();
  }

  /** Its time was slept: it is ready even on a clock that stands still. */
  static elapse(pollable: Pollable): void {
    pollable.#waited = true;
  }
}

guardMethods(Pollable);

function waitOf(pollable: Pollable): number {
  return Pollable.wait(pollable);
}

/**
 * Waits until one is ready and answers the indices of all that are. A virtual clock jumps; on a real one the thread is held,
 * for no longer than the run's deadline, or, where it may not be, the guest is stopped.
 */
export function waitFor(host: Preview2Host, pollables: readonly Pollable[]): Uint32Array {
  const waits = pollables.map(waitOf);
  const wait = Math.max(0, Math.min(...waits));
  if (wait > 0 && !host.mayBlock && !jumps(host.powers.clock)) {
    host.fuel.stop({ kind: "would-block" });
    return new Uint32Array(0);
  }
  sleepOnClock(host.fuel, host.powers.clock, wait);
  const ready: number[] = [];
  for (const [index, pollable] of pollables.entries()) {
    if ((waits[index] ?? 0) > wait) continue;
    Pollable.elapse(pollable);
    ready.push(index);
  }
  return Uint32Array.from(ready);
}
