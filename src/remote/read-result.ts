import { TooLate, unpackValue } from "./portable-value.ts";
import type { RunResult } from "../sandbox/result.ts";

/**
 * Checks what a worker says a run came to: its guest may have broken out there. Undefined if it is no result. Objects
 * lose their prototype, as those of a guest on this thread have none. `mayGoOn` is asked while its value is made.
 */
export function readResult(
  message: unknown,
  allowedMs: number = Number.POSITIVE_INFINITY,
  mayGoOn: () => boolean = () => true,
): RunResult | undefined {
  if (!isRecord(message)) return undefined;
  const { status, stdout, stderr, truncated, displays, denials, files, usage, sandbox } = message;
  if (typeof stdout !== "string" || typeof stderr !== "string" || !isRecord(truncated)) return undefined;
  if (!Array.isArray(displays) || !Array.isArray(denials) || !Array.isArray(files)) return undefined;
  if (!isRecord(usage) || !Object.values(usage).every((value) => typeof value === "number")) return undefined;
  if (message["recording"] !== undefined && !(message["recording"] instanceof Uint8Array)) return undefined;
  if (sandbox !== "kept" && sandbox !== "reset" && sandbox !== "closed") return undefined;
  switch (status) {
    case "ok":
      return withValue(message, allowedMs, mayGoOn);
    case "error":
      return isGuestError(message["error"]) ? (message as unknown as RunResult) : undefined;
    case "limit":
      if (typeof message["limit"] !== "string" || typeof message["allowed"] !== "number") return undefined;
      return message["error"] === undefined || isGuestError(message["error"])
        ? (message as unknown as RunResult)
        : undefined;
    case "suspended":
      // The host knows itself what is pending.
      return message as unknown as RunResult;
    case "aborted":
      return typeof message["reason"] === "string" ? (message as unknown as RunResult) : undefined;
    default:
      return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isGuestError(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value["name"] === "string" &&
    typeof value["message"] === "string" &&
    typeof value["traceback"] === "string"
  );
}

/** The result with its value made of what came: a run whose value takes too long to make has used up its time. */
function withValue(message: Record<string, unknown>, allowedMs: number, mayGoOn: () => boolean): RunResult | undefined {
  const { value: packed, ...rest } = message;
  try {
    return { ...rest, value: unpackValue(packed, mayGoOn) } as unknown as RunResult;
  } catch (error) {
    if (!(error instanceof TooLate)) return undefined;
    const { status: _status, exitCode: _exitCode, ...report } = rest;
    return { status: "limit", limit: "time", allowed: allowedMs, ...report } as unknown as RunResult;
  }
}
