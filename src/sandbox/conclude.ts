import type { StopReason } from "../engine/instance/fuel-gauge.ts";
import type { FinalTurn } from "../execution/execution.ts";
import type { GuestError } from "../guests/guest.ts";
import type { Limits } from "./limits.ts";
import type { RunReport, RunResult } from "./result.ts";
import { spentBudget } from "./spent-budget.ts";
import type { ExhaustedCalls } from "./spent-budget.ts";

/** What the guest asked for and did not get, since its run began. */
export interface Refused extends ExhaustedCalls {
  /** More linear memory than its cap. */
  readonly memory: boolean;
  /** More bytes, entries or open files than a quota allows. */
  readonly fileQuota: boolean;
}

/** What a run's last turn means to the caller. Pure: everything else of the result is in `report`. */
export function conclude(turn: FinalTurn, limits: Limits, refused: Refused, report: RunReport): RunResult {
  if (turn.state === "stopped") return concludeStop(turn.reason, limits, refused, report);
  const { outcome } = turn;
  switch (outcome.kind) {
    case "value":
      return { status: "ok", value: outcome.value, ...report };
    case "exit":
      return concludeExit(outcome.code, report);
    case "value-too-large":
      return { status: "limit", limit: "output", allowed: outcome.allowed, ...report };
    case "error":
      // The guest asked for more than its cap and died of the refusal: the caller's limit, not the guest's mistake.
      if (refused.memory && isOutOfMemory(outcome.error)) {
        return { status: "limit", limit: "memory", allowed: limits.memoryBytes, error: outcome.error, ...report };
      }
      if (refused.fileQuota && isQuota(outcome.error)) {
        return { status: "limit", limit: "files", allowed: 0, error: outcome.error, ...report };
      }
      return concludeError(outcome.error, refused, report);
  }
}

function concludeError(error: GuestError, refused: Refused, report: RunReport): RunResult {
  const spent = spentBudget(error, refused);
  return spent === undefined ? { status: "error", error, ...report } : { status: "limit", ...spent, error, ...report };
}

function concludeStop(reason: StopReason, limits: Limits, refused: Refused, report: RunReport): RunResult {
  switch (reason.kind) {
    case "fuel":
      return { status: "limit", limit: "fuel", allowed: limits.fuel, ...report };
    case "time":
      return { status: "limit", limit: "time", allowed: limits.timeoutMs, ...report };
    case "abort":
      return { status: "aborted", reason: abortText(reason.reason), ...report };
    case "stack":
      return { status: "limit", limit: "stack", allowed: reason.allowed ?? 0, ...report };
    case "memory":
      return { status: "limit", limit: "memory", allowed: limits.memoryBytes, ...report };
    case "exit":
      return concludeExit(reason.code, report);
    case "sealed":
      return {
        status: "error",
        error: errorOf("Denied", `The guest called "${reason.name}", which no sandbox provides`),
        ...report,
      };
    case "unreachable":
    case "trap":
      // An allocator that gets no memory often ends in a trap of its own.
      if (refused.memory) return { status: "limit", limit: "memory", allowed: limits.memoryBytes, ...report };
      return {
        status: "error",
        error: errorOf("Trap", reason.kind === "trap" ? reason.message : "unreachable executed"),
        ...report,
      };
    case "would-block":
      return { status: "error", error: errorOf("WouldBlock", WOULD_BLOCK), ...report };
    case "host-error":
      return {
        status: "error",
        error: errorOf("HostError", `A host function failed: ${abortText(reason.cause)}`),
        ...report,
      };
  }
}

const WOULD_BLOCK =
  'The guest waits for time to pass, which would hold the host\'s thread; use execution "worker", runSync() or clock "virtual"';

function concludeExit(exitCode: number, report: RunReport): RunResult {
  if (exitCode === 0) return { status: "ok", value: undefined, exitCode, ...report };
  const error = errorOf("SystemExit", `The guest exited with code ${exitCode}`);
  return { status: "error", error, exitCode, ...report };
}

function isOutOfMemory(error: GuestError): boolean {
  return error.name === "MemoryError" || /out of memory/i.test(error.message);
}

/** The languages' words for ENOSPC, EFBIG and EMFILE. */
function isQuota(error: GuestError): boolean {
  return /ENOSPC|EFBIG|EMFILE|no space left|file too large|too many open files|no file descriptors available/i.test(
    error.message,
  );
}

function errorOf(name: string, message: string): GuestError {
  return { name, message, traceback: `${name}: ${message}` };
}

/** The text of an abort reason or of a cause; it came from the host, so it may be anything. */
export function abortText(reason: unknown): string {
  try {
    return reason instanceof Error ? reason.message : String(reason);
  } catch {
    return "unknown";
  }
}
