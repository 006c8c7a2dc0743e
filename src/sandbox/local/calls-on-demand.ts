import type { ToolCallRecord } from "../../capabilities/tools/audit/call-record.ts";
import type { RunResult } from "../result.ts";
import type { CallsReport } from "./run-calls.ts";

/**
 * The log of so many calls is made with the result. A longer one is made when it is first read: that takes 2 µs a call, a
 * seventh of what the call itself took, and most callers never read it. A short list is data like the rest of the result,
 * since whoever prints a result sees a getter where a property is not there yet; of a long one they would see 100 records.
 */
const MADE_AT_ONCE = 100;

/** What a result has as `calls` until {@link listOnDemand}. */
export function listAtOnce(called: CallsReport): readonly ToolCallRecord[] {
  return isLong(called) ? [] : called.calls;
}

/** The same result with all its calls. */
export function listOnDemand(result: RunResult, called: CallsReport): RunResult {
  if (!isLong(called)) return result;
  let calls: readonly ToolCallRecord[] | undefined;
  return Object.defineProperty(result, "calls", {
    configurable: true,
    enumerable: true,
    get: () => (calls ??= called.calls),
  });
}

function isLong({ usage }: CallsReport): boolean {
  return usage.toolCalls > MADE_AT_ONCE;
}
