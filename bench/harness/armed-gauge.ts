import { createFuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import type { FuelCell, FuelGauge } from "../../src/engine/instance/fuel-gauge.ts";

/** A gauge as a sandbox has it (slices of the default size, a deadline that is looked at, a budget), with room for a whole bench. */
export function armedGauge(): { readonly gauge: FuelGauge; readonly cell: FuelCell } {
  const gauge = createFuelGauge({ now: () => performance.now() });
  const cell = gauge.cell();
  gauge.arm({ fuel: Number.POSITIVE_INFINITY, timeoutMs: 3_600_000 });
  return { gauge, cell };
}
