import type { FileCosts } from "./file-system.ts";

/**
 * Fuel for work in a file view. One unit is 28–105 ps of one core (measured with the meter's default costs), so the
 * figures below are rounded up from measured times: a guest must not get host work cheaper than its own.
 */

/** A walk step or node call in memory takes about 1 µs. */
export const MEMORY_COSTS: FileCosts = { operationUnits: 20_000, byteUnits: 1 };

/** A host call takes 5–20 µs, the page cache about 0.2 ns a byte. */
export const HOST_COSTS: FileCosts = { operationUnits: 400_000, byteUnits: 4 };

/** For each entry that a listing returns, on top of the operation. */
export const ENTRY_UNITS = 5_000;

/** For each component of a path, and for each operation before it does anything. */
export const STEP_UNITS = 5_000;
