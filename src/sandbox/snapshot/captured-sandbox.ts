import type { ClockState } from "../../capabilities/clock.ts";
import type { FileSystemState } from "../../capabilities/files/file-system-state.ts";
import type { RandomState } from "../../capabilities/random.ts";
import { WardianError } from "../../errors.ts";
import type { SessionState } from "../../guests/guest.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import type { SuspendedRun } from "../local/suspended-run.ts";

/** Everything that makes a sandbox go on where another one stood; limits, grants and host objects are not among it. */
export interface CapturedSandbox {
  readonly session: SessionState;
  /** Contents of the mounts that can tell theirs, by mount point. */
  readonly files: ReadonlyMap<string, FileSystemState>;
  /** Undefined: the clock is the caller's own. */
  readonly clock: ClockState | undefined;
  /** Undefined: nothing repeats, or the random is the caller's own. */
  readonly random: RandomState | undefined;
  /** Undefined: no run is suspended. */
  readonly run: SuspendedRun | undefined;
}

/**
 * Notes the state of a sandbox that no run is in progress in. The memories are views and the files are shared: to be
 * copied or written before anything else happens to the sandbox.
 *
 * @throws WardianError "unsupported" if its guest has no snapshots.
 */
export function captureSandbox(parts: SandboxParts, run: SuspendedRun | undefined, action: string): CapturedSandbox {
  const { session, files, clock, random, options } = parts;
  if (session.capture === undefined)
    throw new WardianError("unsupported", `${action}: a ${options.language} guest has no snapshots`);
  return {
    session: session.capture(),
    files: files.capture(),
    clock: run === undefined ? clock.capture?.() : run.clock,
    random: random.capture?.(),
    run,
  };
}
