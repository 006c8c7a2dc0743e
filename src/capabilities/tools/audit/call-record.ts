/**
 * How a tool call ended:
 * - `ok`: the guest got a value;
 * - `error`: the tool, its schema or its result failed in a way that is the host's own (`error` has what was thrown);
 * - `denied`: `approve` did not let it through;
 * - `limit`: the tool's `maxCalls` or the run's `limits.toolCalls` was used up;
 * - `unknown`: there is no such tool;
 * - `invalid-arguments`, `invalid-result`: a schema or a bound refused what the guest sent, or what the tool returned;
 * - `abandoned`: the run ended first; what the tool does after that reaches nobody;
 * - `pending`: still waiting, in the result of a run that has not ended.
 */
export type ToolCallOutcome =
  | "ok"
  | "error"
  | "denied"
  | "limit"
  | "unknown"
  | "invalid-arguments"
  | "invalid-result"
  | "abandoned"
  | "pending";

/** One tool call as the caller of `run` sees it: an entry of the audit log. */
export interface ToolCallRecord {
  /** Number of the call in its run, from 0. */
  readonly id: number;
  /** As the guest wrote it, at most 128 characters. */
  readonly tool: string;
  /**
   * What the guest sent, redacted, as JSON data without prototypes. Text that is not JSON, and the beginning of what is
   * longer than the log keeps, stand here as a string.
   */
  readonly arguments: unknown;
  readonly outcome: ToolCallOutcome;
  /** What the guest got, redacted; only with the outcome "ok". */
  readonly result?: unknown;
  /** What the tool threw, or why the call was refused. For the host only: the guest gets a message at most. */
  readonly error?: unknown;
  /** The `by` of the approval. */
  readonly approvedBy?: string;
  /** Milliseconds of the host's clock from the start of the run. */
  readonly startedMs: number;
  /** Milliseconds until the guest could have its answer; until the end of the run for an abandoned call. */
  readonly durationMs: number;
  /** Fuel units that the run had used when the call came. */
  readonly fuel: number;
  /** `arguments` or `result` is cut, because it was longer than the log keeps. */
  readonly truncated?: true;
}
