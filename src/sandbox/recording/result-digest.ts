import { sha256 } from "../../capabilities/random/sha256.ts";
import type { RunResult } from "../result.ts";

/** SHA-256, in hexadecimal, of what a run came to: everything but what differs from machine to machine, such as its duration. */
export function resultDigest(result: RunResult): string {
  const { status, stdout, stderr, truncated, displays, usage } = result;
  const { fuel, outputBytes, fileBytes } = usage;
  const text = canonical({
    status,
    end: endOf(result),
    output: [stdout, stderr, truncated.stdout, truncated.stderr],
    displays,
    usage: [fuel, outputBytes, fileBytes],
  });
  return Array.from(sha256(new TextEncoder().encode(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function endOf(result: RunResult): unknown {
  switch (result.status) {
    case "ok":
      return result.value;
    case "error":
      return result.error;
    case "limit":
      return [result.limit, result.allowed, result.error];
    case "aborted":
      return result.reason;
    case "suspended":
      // A run that is recorded cannot be.
      return result.pending;
  }
}

/** One text for one value. Values of runs are trees of data, bounded in size and depth. */
function canonical(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  // Escapes lone surrogates, which a text encoder would make all the same.
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value instanceof Uint8Array) return `bytes(${value.join()})`;
  if (value instanceof Date) return `date(${value.getTime()})`;
  if (value instanceof Map)
    return `map(${[...value].map(([key, item]) => `${canonical(key)}:${canonical(item)}`).join()})`;
  if (value instanceof Set) return `set(${[...value].map(canonical).join()})`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join()}}`;
}
