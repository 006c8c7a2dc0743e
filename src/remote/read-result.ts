import type { RunResult } from "../sandbox/result.ts";

/**
 * Checks what a worker says a run came to: its guest may have broken out there. Undefined if it is no result. Objects
 * lose their prototype, as those of a guest on this thread have none.
 */
export function readResult(message: unknown): RunResult | undefined {
  if (!isRecord(message)) return undefined;
  const { status, stdout, stderr, truncated, displays, denials, files, usage, sandbox } = message;
  if (typeof stdout !== "string" || typeof stderr !== "string" || !isRecord(truncated)) return undefined;
  if (!Array.isArray(displays) || !Array.isArray(denials) || !Array.isArray(files)) return undefined;
  if (!isRecord(usage) || !Object.values(usage).every((value) => typeof value === "number")) return undefined;
  if (message["recording"] !== undefined && !(message["recording"] instanceof Uint8Array)) return undefined;
  if (sandbox !== "kept" && sandbox !== "reset" && sandbox !== "closed") return undefined;
  switch (status) {
    case "ok":
      withoutPrototypes(message["value"]);
      return message as unknown as RunResult;
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

/** Structured clone gives objects the usual prototype. A value may hold an object twice, even itself, if its sender wants. */
function withoutPrototypes(root: unknown): void {
  const seen = new Set<object>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (Array.isArray(next)) pending.push(...(next as unknown[]));
    else if (next instanceof Map) for (const entry of next) pending.push(...entry);
    else if (next instanceof Set) pending.push(...next);
    else if (Object.getPrototypeOf(next) === Object.prototype) {
      Object.setPrototypeOf(next, null);
      pending.push(...Object.values(next));
    }
  }
}
