import type { Display } from "../capabilities/output.ts";
import type { FileChange } from "../capabilities/files/file-change.ts";
import type { RequestRecord } from "../capabilities/network/requests/request-record.ts";
import type { Denial } from "../capabilities/denials/denial-log.ts";
import type { ToolCallRecord } from "../capabilities/tools/audit/call-record.ts";
import type { PendingCall } from "../capabilities/tools/deferred-calls.ts";
import type { GuestError } from "../guests/guest.ts";
import type { Usage } from "./usage.ts";

/** Which limit ended a run. */
export type LimitName = "fuel" | "time" | "memory" | "stack" | "output" | "files" | "tools" | "network";

/**
 * What became of the sandbox:
 * - `kept`: its state is as the run left it;
 * - `reset`: it was put back to the state after creation, because the guest was stopped in the middle of its work;
 * - `closed`: it could not be put back and takes no further run.
 */
export type SandboxState = "kept" | "reset" | "closed";

/** What is missing from the report because it was too much. */
export interface Truncation {
  /** Bytes that were dropped because the streams were over `limits.outputBytes`. */
  readonly stdout: number;
  readonly stderr: number;
  /** Of displays, which are dropped whole. */
  readonly displays: number;
  /** Tool calls that are not in `calls`, which lists at most 10,000. */
  readonly calls: number;
  /** Changed files that are not in `files`, which lists at most 1,000. */
  readonly files: number;
}

interface RunReport {
  readonly stdout: string;
  readonly stderr: string;
  /** With `output: "bytes"`: what was written, as it was written. */
  readonly stdoutBytes?: Uint8Array;
  readonly stderrBytes?: Uint8Array;
  readonly truncated: Truncation;
  readonly displays: readonly Display[];
  readonly denials: readonly Denial[];
  /** The audit log of the tools: each call, refused ones too, in order. More than 100 are made when they are first read, by a getter. */
  readonly calls: readonly ToolCallRecord[];
  /** The HTTP requests of the guest that the policy allowed, in order; at most 10,000. */
  readonly requests: readonly RequestRecord[];
  /** What the guest added, modified and removed, sorted by path. What it made and removed again is not in it. */
  readonly files: readonly FileChange[];
  readonly usage: Usage;
  readonly sandbox: SandboxState;
  /**
   * With `record`: every input that crossed the boundary since the sandbox was created or reset, for `replay`. Absent if it
   * would be longer than `maxBytes`. It holds what the guest was given: file contents, tool results, responses.
   */
  readonly recording?: Uint8Array;
}

/** How a run ended. The guest cannot make `run` reject: everything that it does ends in one of these. */
export type RunResult =
  | ({
      readonly status: "ok";
      readonly value: unknown;
      /** 0, if the guest ended as a process does: a command, `sys.exit()`. */
      readonly exitCode?: number;
    } & RunReport)
  /** The guest's own uncaught error, or the end of a guest that broke (a trap). */
  | ({
      readonly status: "error";
      readonly error: GuestError;
      /** The guest's own, not 0, if it ended as a process does. */
      readonly exitCode?: number;
    } & RunReport)
  | ({
      readonly status: "limit";
      readonly limit: LimitName;
      readonly allowed: number;
      readonly error?: GuestError;
    } & RunReport)
  | ({ readonly status: "aborted"; readonly reason: string } & RunReport)
  /**
   * Waits for tool calls that the caller answers (`suspend: "on-tool"`). Output, calls and requests are those since the run
   * began or was last resumed; `usage` counts the whole run.
   */
  | ({ readonly status: "suspended"; readonly pending: readonly PendingCall[] } & RunReport);

export type { Denial, RunReport };
