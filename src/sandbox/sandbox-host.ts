import type { Guest } from "../guests/guest.ts";
import type { Platform } from "../hosts/platform.ts";
import type { RunCalls, RunCallsSettings } from "./local/run-calls.ts";
import type { ResolvedOptions } from "./options.ts";
import type { SandboxDriver } from "./sandbox-driver.ts";
import type { ResolvedRestoreOptions } from "./snapshot/snapshot-options.ts";

/** Makes a sandbox whose guest is elsewhere, out of a snapshot if there is one. */
export type CreateRemote = (
  host: SandboxHost,
  options: ResolvedOptions,
  from?: { readonly snapshot: Uint8Array; readonly how: ResolvedRestoreOptions },
) => Promise<SandboxDriver>;

/** What a sandbox is built on: the platform it runs on and the guests it can hold. The entry points compose it. */
export interface SandboxHost {
  readonly platform: Platform;
  readonly guests: readonly Guest[];
  /** Makes a sandbox whose guest is on another thread or in another process. Absent: this host keeps all on its own. */
  readonly createRemote?: CreateRemote | undefined;
  /** On a guest's thread: begins the calls of a run, which end on another one. */
  readonly openCalls?: ((settings: RunCallsSettings) => RunCalls) | undefined;
  /** On a guest's thread: whether its host wants the run in progress stopped. Asked at every slice. */
  readonly interrupted?: (() => boolean) | undefined;
  /** On a guest's thread: whether its stack is too short for a guest, which gets one of its own where the engine can. */
  readonly shortStack?: boolean | undefined;
}
