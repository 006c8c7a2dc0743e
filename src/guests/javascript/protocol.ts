import { WardianError } from "../../errors.ts";
import type { ToolSettlement } from "../../capabilities/tools/tool-calls.ts";
import type { GuestError, GuestTurn } from "../guest.ts";
import { decodeValue } from "../value-codec.ts";
import type { MayGoOn } from "../value-codec.ts";

/** The text that starts a run. */
export interface StartMessage {
  readonly source: string;
  readonly filename: string;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly modules: readonly (readonly [string, string])[];
  readonly typescript: boolean;
  readonly tools: readonly string[];
  /** Whether there is a `fetch`. */
  readonly network: boolean;
  readonly valueBytes: number;
}

/** The text that resumes one. */
export interface ResumeMessage {
  readonly settlements: readonly ToolSettlement[];
  /** The clock stands still, so the earliest timer counts as due. */
  readonly wake: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JSON escapes NUL and lone surrogates, so that every JavaScript string arrives as it is. */
export function encodeMessage(message: StartMessage | ResumeMessage): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

const MAX_NAME = 300;
const MAX_TEXT = 32_000;

/**
 * Reads the guest's answer: a letter and JSON. The prelude makes it, inside the guest, so all of it may be forged:
 * what does not fit becomes an error of the guest.
 */
export function decodeAnswer(answer: Uint8Array, valueBytes: number, mayGoOn: MayGoOn): GuestTurn {
  const kind = String.fromCharCode(answer[0] ?? 0);
  const body = answer.subarray(1);
  try {
    switch (kind) {
      case "v":
        if (body.length > valueBytes)
          return { state: "done", outcome: { kind: "value-too-large", allowed: valueBytes } };
        return { state: "done", outcome: { kind: "value", value: decodeValue(decoder.decode(body), mayGoOn) } };
      case "l":
        return { state: "done", outcome: { kind: "value-too-large", allowed: valueBytes } };
      case "e":
        return failed(readError(parseBounded(body)));
      case "w":
        return readWaiting(parseBounded(body));
      default:
        return failed(forged());
    }
  } catch (error) {
    if (error instanceof WardianError || error instanceof SyntaxError) return failed(forged());
    throw error;
  }
}

function failed(error: GuestError): GuestTurn {
  return { state: "done", outcome: { kind: "error", error } };
}

function forged(): GuestError {
  const message = "The guest answered with something that is not an answer";
  return { name: "InternalError", message, traceback: `InternalError: ${message}` };
}

/** No answer but a value is longer than this. */
const MAX_ANSWER_BYTES = 4 * 2 ** 20;

function parseBounded(body: Uint8Array): Record<string, unknown> {
  if (body.length > MAX_ANSWER_BYTES)
    throw new WardianError("invalid-value", "Cannot read the guest's answer: it is too long");
  const value: unknown = JSON.parse(decoder.decode(body));
  if (typeof value !== "object" || value === null)
    throw new WardianError("invalid-value", "Cannot read the guest's answer: it is not an object");
  return value as Record<string, unknown>;
}

function readError(value: Record<string, unknown>): GuestError {
  const { name, message, traceback, line } = value;
  if (typeof name !== "string" || typeof message !== "string" || typeof traceback !== "string") return forged();
  return {
    name: name.slice(0, MAX_NAME),
    message: message.slice(0, MAX_TEXT),
    traceback: traceback.slice(0, MAX_TEXT),
    ...(typeof line === "number" && Number.isSafeInteger(line) && line > 0 ? { line } : {}),
  };
}

function readWaiting(value: Record<string, unknown>): GuestTurn {
  const { calls, wakeAt } = value;
  const callIds = Array.isArray(calls) ? calls.filter((id): id is number => Number.isSafeInteger(id)) : [];
  const wakeAtMs = typeof wakeAt === "number" && Number.isFinite(wakeAt) ? wakeAt : undefined;
  // The prelude reports a wait for nothing itself.
  if (callIds.length === 0 && wakeAtMs === undefined) return failed(forged());
  return { state: "waiting", callIds, wakeAtMs };
}
