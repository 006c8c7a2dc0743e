import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";

/**
 * Wraps an import so that nothing it throws reaches the guest: a defect ends the run, the guest gets `instead` and
 * traps at its next check. Once a stop was asked for, imports do nothing.
 */
export function guarded<Args extends readonly unknown[], Result>(
  fuel: Pick<FuelGauge, "stop" | "stopping">,
  instead: Result,
  call: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    if (fuel.stopping) return instead;
    try {
      return call(...args);
    } catch (cause) {
      fuel.stop({ kind: "host-error", cause });
      return instead;
    }
  };
}
