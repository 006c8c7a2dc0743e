import { jumps } from "../../../capabilities/clock.ts";
import type { PythonHost } from "./python-host.ts";

/** Blocks on the sandbox's clock, but not past the run's deadline: after that the next check stops the guest. */
export function sleep(host: PythonHost, ms: number): void {
  host.charge();
  if (!(ms > 0) || host.gauge.stopping) return;
  const { clock } = host.capabilities;
  // A clock that jumps takes no time that the deadline could count.
  clock.sleepSync(Math.min(ms, jumps(clock) ? MAX_SLEEP_MS : host.gauge.remainingMs()));
  host.gauge.check();
}

/** 10,000 years: more would only take the clock out of what a calendar can say. */
const MAX_SLEEP_MS = 3e14;
