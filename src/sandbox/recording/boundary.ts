import type { Clock } from "../../capabilities/clock.ts";
import type { FileSystem } from "../../capabilities/files/file-system.ts";
import type { Random } from "../../capabilities/random.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import type { FinalTurn } from "../../execution/execution.ts";
import type { GuestCapabilities, GuestSession } from "../../guests/guest.ts";
import type { RunCalls, RunCallsSettings } from "../local/run-calls.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RunResult } from "../result.ts";
import type { SandboxHost } from "../sandbox-host.ts";
import type { RunHead } from "./recording.ts";

/**
 * What can stand between a guest and its host: a recorder, which notes what passes, or a replayer, which is all the host
 * that a replayed guest has. Everything that crosses the boundary of a sandbox passes one of these.
 */
export interface Boundary {
  /** In place of the host's monotonic clock, for the gauge's deadline. */
  readonly now?: () => number;
  guestGauge(gauge: FuelGauge): FuelGauge;
  mounts(mounts: ReadonlyMap<string, FileSystem>): ReadonlyMap<string, FileSystem>;
  capabilities(capabilities: GuestCapabilities): GuestCapabilities;
  session(session: GuestSession): GuestSession;
  calls(open: (settings: RunCallsSettings) => RunCalls): (settings: RunCallsSettings) => RunCalls;
  /** The sandbox is made and has not run. */
  created(facts: SandboxFacts): Promise<void>;
  begin(head: RunHead): void;
  /** The guest has done its last in this run: what is asked for from here on is not its own doing. */
  seal(): void;
  /** The recording of all runs until now, if there is one. */
  end(turn: FinalTurn, result: RunResult): Uint8Array | undefined;
  /** The sandbox is as it was after its creation. */
  restart(): void;
}

/** What is known of a sandbox when it is made. */
export interface SandboxFacts {
  readonly host: SandboxHost;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly mounts: ReadonlyMap<string, FileSystem>;
  readonly network: boolean;
  readonly createdMs: number;
}
