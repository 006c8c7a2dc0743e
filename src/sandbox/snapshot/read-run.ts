import type { StoredCall } from "../../capabilities/tools/deferred-calls.ts";
import { WardianError } from "../../errors.ts";
import type { Limits } from "../limits.ts";
import type { SuspendedRun } from "../local/suspended-run.ts";
import { readClock } from "./read-clock.ts";
import { fieldsOf, isCount, listOf } from "./read-fields.ts";

/**
 * Reads the suspended run of a snapshot, which may be forged. Its limits are at most `own`, those of the sandbox that it is
 * restored in; what it says to have used can only be believed (or signed).
 */
export function readRun(value: unknown, own: Limits): SuspendedRun {
  const run = fieldsOf(value);
  const spent = fieldsOf(run["spent"]);
  const tools = fieldsOf(fieldsOf(run["powers"])["tools"]);
  const network = fieldsOf(fieldsOf(run["powers"])["network"]);
  const stdin = run["stdin"];
  if (!(stdin === undefined || stdin instanceof Uint8Array)) throw damaged();
  const calls = listOf(run["calls"]).map(readCall);
  const next = countOf(tools["next"]);
  const ids = new Set(calls.map(({ id }) => id));
  if (ids.size !== calls.length || calls.some(({ id }) => id >= next)) throw damaged();
  const turn = fieldsOf(run["turn"]);
  const wakeAtMs = turn["wakeAtMs"];
  if (!(wakeAtMs === undefined || typeof wakeAtMs === "number")) throw damaged();
  const callIds = listOf(turn["callIds"]).map(countOf);
  // A wait for nothing would never end.
  if (callIds.length === 0 || !callIds.every((id) => ids.has(id))) throw damaged();
  return {
    turn: { state: "waiting", callIds, wakeAtMs },
    calls,
    limits: readLimits(fieldsOf(run["limits"]), own),
    spent: {
      fuel: countOf(spent["fuel"]),
      wallMs: amountOf(spent["wallMs"]),
      outputBytes: countOf(spent["outputBytes"]),
      fileBytes: countOf(spent["fileBytes"]),
    },
    powers: {
      tools: { next, count: countOf(tools["count"]), paid: listOf(tools["paid"]).map(readPaid) },
      network: {
        started: countOf(network["started"]),
        requests: countOf(network["requests"]),
        bytesUp: countOf(network["bytesUp"]),
        bytesDown: countOf(network["bytesDown"]),
      },
    },
    clock: run["clock"] === undefined ? undefined : readClock(run["clock"]),
    stdin,
  };
}

function readCall(value: unknown): StoredCall {
  const { id, tool, argumentsJson } = fieldsOf(value);
  if (typeof tool !== "string" || tool.length > MAX_NAME || typeof argumentsJson !== "string") throw damaged();
  try {
    JSON.parse(argumentsJson);
  } catch {
    throw damaged();
  }
  return { id: countOf(id), tool, argumentsJson };
}

const MAX_NAME = 128;

function readPaid(value: unknown): readonly [string, number] {
  const [tool, calls] = listOf(value);
  if (typeof tool !== "string") throw damaged();
  return [tool, countOf(calls)];
}

function readLimits(given: Readonly<Record<string, unknown>>, own: Limits): Limits {
  const at = (name: keyof Limits): number => Math.min(own[name], amountOf(given[name]));
  return {
    fuel: at("fuel"),
    timeoutMs: at("timeoutMs"),
    memoryBytes: own.memoryBytes,
    outputBytes: at("outputBytes"),
    // The input has been read.
    inputBytes: own.inputBytes,
    toolCalls: at("toolCalls"),
  };
}

function countOf(value: unknown): number {
  if (!isCount(value)) throw damaged();
  return value;
}

function amountOf(value: unknown): number {
  if (typeof value !== "number" || !(value >= 0)) throw damaged();
  return value;
}

function damaged(): WardianError {
  return new WardianError("invalid-snapshot", "Cannot read a snapshot: its suspended run is wrong");
}
