import type { FileAnswer, FileRequest } from "./file-requests.ts";
import type { ResolvedRunOptions } from "./options.ts";
import type { Limits } from "./limits.ts";
import type { PendingCall } from "../capabilities/tools/deferred-calls.ts";
import type { CallAnswer } from "./local/resolve-answers.ts";
import type { RunResult } from "./result.ts";
import type { ResolvedForkOptions, ResolvedSnapshotOptions } from "./snapshot/snapshot-options.ts";

/**
 * What stands behind a `Sandbox`: a guest on this thread, or one in a worker or a process of its own.
 * Arguments come checked; each method says itself when it cannot be called ("busy", "closed").
 */
export interface SandboxDriver {
  /** The limits in force, defaults filled in. */
  readonly limits: Limits;
  readonly closed: boolean;
  /** Whether a run takes input that is waited for (`live`): its guest can sleep without holding up the host. */
  readonly awaitsInput: boolean;
  /** Never rejects for anything that the guest did. `action` opens the messages of errors. */
  run(source: string, options: ResolvedRunOptions, action: string): Promise<RunResult>;
  /** Absent: the guest is not on this thread. */
  runSync?(source: string, options: ResolvedRunOptions, action: string): RunResult;
  /** The calls that a suspended run waits for; undefined if there is none. */
  readonly pending: readonly PendingCall[] | undefined;
  /** Goes on with a suspended run. */
  resume(answers: readonly CallAnswer[], signal: AbortSignal | undefined): Promise<RunResult>;
  /** A second sandbox that goes on from here. */
  fork(options: ResolvedForkOptions): Promise<SandboxDriver>;
  /** The state as bytes. */
  snapshot(options: ResolvedSnapshotOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads or changes the files between runs. */
  files(request: FileRequest, action: string): Promise<FileAnswer>;
  /** Back to the state after creation. What is on this thread is done when the call returns. */
  reset(): Promise<void>;
  /** Closing twice does nothing; a run in progress ends as aborted first. */
  close(): void;
}
