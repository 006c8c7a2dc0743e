import type { Clock } from "../../capabilities/clock.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";

/** 10,000 years: more would only take the clock out of what a calendar can say. */
const MAX_SLEEP_MS = 3e14;

/** Blocks on the sandbox's clock, but not past the run's deadline: behind that the next check stops the guest. */
export function sleepOnClock(fuel: FuelGauge, clock: Clock, ms: number): void {
  if (!(ms > 0) || fuel.stopping) return;
  // A virtual clock jumps: its sleeps take no time that the deadline could count.
  const blocks = clock.kind === "real" || clock.kind === "custom";
  clock.sleepSync(Math.min(ms, blocks ? fuel.remainingMs() : MAX_SLEEP_MS));
  fuel.check();
}
