import assert from "node:assert/strict";
import type { RunResult, Sandbox } from "../../../src/index.ts";

/** What one attack must come to, beyond what must hold of every run. */
export type Check = (result: RunResult, sandbox: Sandbox) => void | Promise<void>;

/** As much of an outcome as a failed check prints. */
const MAX_SHOWN = 400;

/** A check that needs nothing but the result. */
export type ResultCheck = (result: RunResult) => void;

/** How a run ended, in a line. */
export function outcomeOf(result: RunResult): string {
  switch (result.status) {
    case "ok":
      return `ok ${textOf(result.value)}`;
    case "error":
      return `error ${result.error.name}: ${result.error.message}`;
    case "limit":
      return `limit ${result.limit}`;
    default:
      return result.status;
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) => (typeof held === "bigint" ? `${held}n` : held)) ?? "undefined";
}

/** Ends well, with exactly this value. */
export const value =
  (expected: unknown): ResultCheck =>
  (result) =>
    assert.equal(outcomeOf(result), `ok ${textOf(expected)}`);

/** Ends in a way that the expression describes: see {@link outcomeOf}. */
export const ends =
  (expected: RegExp): ResultCheck =>
  (result) =>
    assert.match(outcomeOf(result).slice(0, MAX_SHOWN), expected);

/** The guest's own error of this name. */
export const error = (name: string): ResultCheck => ends(new RegExp(`^error ${name}:`, "u"));

/** A limit, whichever comes first. */
export const limited: ResultCheck = ends(/^limit (fuel|time|memory|stack)$/u);

/** A limit or an error of the guest's own: nothing that it could use. */
export const stopped: ResultCheck = ends(/^(limit |error (?!HostError|Trap))/u);

/** Any end: what must hold of every run is all that is asked. */
export const harmless: ResultCheck = ends(/^(ok|error|limit)/u);

/** Ends well, and the sandbox then says this about `globalThis.r`. */
export const later =
  (expected: unknown): Check =>
  async (result, sandbox) => {
    assert.equal(result.status, "ok", outcomeOf(result));
    value(expected)(await sandbox.run("globalThis.r"));
  };
