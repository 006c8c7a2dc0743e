import type { FileCosts } from "./file-system.ts";

/**
 * Fuel for work in a file view. One unit is 28–105 ps of one core (measured with the meter's default costs). The figures
 * are measured times divided by about 30 ps: a guest must not get host work cheaper than its own.
 */

/** 0.5 µs for a node, 0.2 µs for a call to a handle, 0.1 µs an entry, 35 ps a byte. */
export const MEMORY_COSTS: FileCosts = {
  operationUnits: 20_000,
  changeUnits: 20_000,
  entryUnits: 5_000,
  handleUnits: 6_000,
  byteUnits: 1,
};

/** 10 µs for a node, 50–150 µs for a change, 0.7 µs an entry, 1–5 µs for a call to a handle, 40 ps a byte (page cache). */
export const HOST_COSTS: FileCosts = {
  operationUnits: 400_000,
  changeUnits: 3_000_000,
  entryUnits: 30_000,
  handleUnits: 100_000,
  byteUnits: 2,
};

/** For each component of a path, and for each operation, before it does anything. */
export const STEP_UNITS = 5_000;
