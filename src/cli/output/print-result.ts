import { inspect } from "node:util";
import type { RunResult } from "../../sandbox/result.ts";
import { escapeControls } from "./escape-controls.ts";
import { toJson } from "./to-json.ts";

/** Prints what a run came to: one JSON object, or the value on stdout and what went wrong on stderr. */
export function printResult(result: RunResult, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(toJson(result))}\n`);
    return;
  }
  switch (result.status) {
    case "ok":
      printValue(result.value);
      break;
    case "error":
      // A program that exits with a code has said why itself.
      if (result.exitCode !== undefined) break;
      process.stderr.write(`${escapeControls(result.error.traceback.trimEnd())}\n`);
      break;
    case "limit":
      if (result.error !== undefined) process.stderr.write(`${escapeControls(result.error.traceback.trimEnd())}\n`);
      process.stderr.write(`wardian: stopped by the ${result.limit} limit${allowance(result.limit, result.allowed)}\n`);
      break;
    case "aborted":
      process.stderr.write(`wardian: aborted: ${escapeControls(result.reason)}\n`);
      break;
    case "suspended":
      // The command line asks for no such run.
      break;
  }
  const { stdout, stderr, displays } = result.truncated;
  if (stdout + stderr + displays > 0)
    process.stderr.write(
      `wardian: ${stdout + stderr + displays} bytes of output were dropped; --output=SIZE keeps more\n`,
    );
  if (result.displays.length > 0) {
    const types = new Set(result.displays.map(({ mime }) => mime));
    process.stderr.write(
      `wardian: ${result.displays.length} displayed, as ${[...types].slice(0, 5).join(", ")}; --json shows what\n`,
    );
  }
}

/** A string is shown as it is, so that it can be piped; other values as an inspector shows them. Nothing for None and undefined. */
function printValue(value: unknown): void {
  if (value === undefined || value === null) return;
  process.stdout.write(
    `${typeof value === "string" ? printable(value) : inspect(withPrototype(value), { depth: 6, maxArrayLength: 1_000, maxStringLength: 10_000 })}\n`,
  );
}

/** Objects of a result have no prototype; an inspector would say so for each of them. */
function withPrototype(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPrototype);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [withPrototype(key), withPrototype(item)]));
  if (value instanceof Set) return new Set([...value].map(withPrototype));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPrototype(item)]));
}

const FLAG_OF: ReadonlyMap<string, string> = new Map([
  ["fuel", "--fuel"],
  ["time", "--timeout"],
  ["memory", "--memory"],
  ["output", "--output"],
]);

const UNIT_OF: ReadonlyMap<string, string> = new Map([
  ["fuel", "units"],
  ["time", "ms"],
  ["memory", "bytes"],
  ["output", "bytes"],
]);

function allowance(limit: string, allowed: number): string {
  const flag = FLAG_OF.get(limit);
  return flag === undefined ? "" : ` (${allowed} ${UNIT_OF.get(limit) ?? ""}; ${flag} sets it)`;
}

/** A value may be piped to a program that wants it byte for byte; on a terminal it is escaped. */
function printable(text: string): string {
  return process.stdout.isTTY ? escapeControls(text) : text;
}
