import type { PendingCall } from "../capabilities/tools/deferred-calls.ts";
import type { Limits } from "../sandbox/limits.ts";
import { abortText } from "../sandbox/conclude.ts";
import { emptyReport } from "../sandbox/empty-report.ts";
import type { CallsReport } from "../sandbox/local/run-calls.ts";
import type { RunReport, RunResult } from "../sandbox/result.ts";
import { spentBudget } from "../sandbox/spent-budget.ts";

/** Adds to a worker's result what only its host knows. */
export function finishResult(
  result: RunResult,
  calls: CallsReport,
  end: {
    readonly wallMs: number;
    readonly closed: boolean;
    readonly stop: AbortSignal;
    /** Aborted if the sandbox was closed during the run, which then counts as aborted however it went on. */
    readonly closing: AbortSignal;
    /** The calls that a suspended run waits for. */
    readonly pending: readonly PendingCall[] | undefined;
  },
): RunResult {
  const { stop, closing } = end;
  const report: RunReport = {
    stdout: result.stdout,
    stderr: result.stderr,
    truncated: { ...result.truncated, calls: calls.omittedCalls },
    displays: result.displays,
    denials: [...result.denials, ...calls.denials],
    calls: calls.calls,
    requests: calls.requests,
    files: result.files,
    usage: { ...result.usage, ...calls.usage, wallMs: end.wallMs },
    sandbox: end.closed ? "closed" : result.sandbox,
  };
  if (closing.aborted) return { status: "aborted", reason: abortText(closing.reason), ...report };
  if (result.status === "suspended") return { ...result, ...report, pending: end.pending ?? [] };
  // The reason is an object of the caller's: only its being there went to the worker.
  if (result.status === "aborted" && stop.aborted) return { ...result, ...report, reason: abortText(stop.reason) };
  if (result.status === "error") {
    const spent = spentBudget(result.error, calls.exhausted);
    if (spent !== undefined) return { status: "limit", ...spent, error: result.error, ...report };
  }
  return { ...result, ...report };
}

/** The result of a run whose worker is gone, and with it all that it had written. */
export function lostResult(
  why: string,
  calls: CallsReport,
  end: { readonly wallMs: number; readonly limits: Limits; readonly stop: AbortSignal; readonly late: boolean },
): RunResult {
  const empty = emptyReport(end.wallMs, "closed");
  const report: RunReport = {
    ...empty,
    truncated: { ...empty.truncated, calls: calls.omittedCalls },
    denials: calls.denials,
    calls: calls.calls,
    requests: calls.requests,
    usage: { ...empty.usage, ...calls.usage },
  };
  if (end.stop.aborted) return { status: "aborted", reason: abortText(end.stop.reason), ...report };
  if (end.late) return { status: "limit", limit: "time", allowed: end.limits.timeoutMs, ...report };
  const message = `The run was lost: ${why}`;
  return { status: "error", error: { name: "Crash", message, traceback: `Crash: ${message}` }, ...report };
}
