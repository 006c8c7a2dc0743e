import type { PythonHost } from "./python-host.ts";

/** Blocks on the sandbox's clock, but not past the run's deadline: after that the next check stops the guest. */
export function sleep(host: PythonHost, ms: number): void {
  host.charge();
  if (!(ms > 0) || host.gauge.stopping) return;
  const { clock } = host.capabilities;
  // A virtual clock jumps: its sleeps take no time that the deadline could count.
  const blocks = clock.kind === "real" || clock.kind === "custom";
  clock.sleepSync(Math.min(ms, blocks ? host.gauge.remainingMs() : MAX_SLEEP_MS));
  host.gauge.check();
}

/** 10,000 years: more would only take the clock out of what a calendar can say. */
const MAX_SLEEP_MS = 3e14;
