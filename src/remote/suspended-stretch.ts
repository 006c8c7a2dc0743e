import type { StoredCall } from "../capabilities/tools/deferred-calls.ts";
import { WardianError } from "../errors.ts";
import type { Limits } from "../sandbox/limits.ts";
import type { SpentPowers } from "../sandbox/local/run-calls.ts";
import { readRun } from "../sandbox/snapshot/read-run.ts";

/** What the host of a suspended run keeps of it; the rest is with the guest. */
export interface SuspendedStretch {
  readonly calls: readonly StoredCall[];
  readonly powers: SpentPowers;
  /** As they were tightened when the run began. */
  readonly limits: Limits;
  /** Running, not suspended. */
  readonly wallMs: number;
}

/**
 * The suspended run that a worker has read out of a snapshot. Neither the snapshot nor the worker is believed.
 *
 * @throws WardianError "internal" for what is no such run
 */
export function readSuspended(value: unknown, own: Limits): SuspendedStretch | undefined {
  if (value === undefined) return undefined;
  try {
    const { calls, powers, limits, spent } = readRun(value, own);
    return { calls, powers, limits, wallMs: spent.wallMs };
  } catch (cause) {
    throw new WardianError(
      "internal",
      "Cannot restore a sandbox: its worker answered with something that is no suspended run",
      { cause },
    );
  }
}
