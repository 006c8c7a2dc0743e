import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";

/**
 * What one call out of the guest costs the host, in units: the component's glue takes about 10 µs for it. Uncharged,
 * a loop around `Date.now()` would be a hundred times cheaper than any other, and outlive its slice by as much.
 */
export const CALL_UNITS = 40_000;

/**
 * Wraps an import so that each call is charged and nothing it throws reaches the guest: a defect ends the run, the guest gets `instead` and
 * traps at its next check. Once a stop was asked for, imports do nothing.
 */
export function guarded<Args extends readonly unknown[], Result>(
  fuel: Pick<FuelGauge, "charge" | "stop" | "stopping">,
  instead: Result,
  call: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    if (fuel.stopping || !fuel.charge(CALL_UNITS)) return instead;
    try {
      return call(...args);
    } catch (cause) {
      fuel.stop({ kind: "host-error", cause });
      return instead;
    }
  };
}
