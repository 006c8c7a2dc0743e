import { get, matchPattern, splitText, stringify, toText } from "./intrinsics.ts";
import { cut } from "./encode-value.ts";
import { errorText, guestFrames, isError } from "./console/error-text.ts";
import { inspect } from "./console/inspect.ts";
import { safely } from "./console/safely.ts";

const MAX_NAME = 200;
const MAX_MESSAGE = 10_000;
const MAX_TRACEBACK = 20_000;
const MAX_CAUSES = 5;

/** `GuestError` of src/guests/guest.ts as JSON. Reads of the guest's properties may run its code, under its meter. */
export function describeError(error: unknown, filename: string): string {
  if (typeof error !== "object" || error === null || !isError(error))
    return describe("Error", `Uncaught ${inspect(error, { depth: 1 })}`, "", undefined);
  const name = safely(() => toText(get(error, "name")), "Error");
  const message = safely(() => toText(get(error, "message")), "");
  const frames = guestFrames(safely(() => toText(get(error, "stack")), ""));
  let traceback = errorText(error);
  let cause = safely(() => get(error, "cause"), undefined);
  for (let depth = 0; depth < MAX_CAUSES && typeof cause === "object" && cause !== null && isError(cause); depth++) {
    traceback += `\nCaused by: ${errorText(cause)}`;
    const at: object = cause;
    cause = safely(() => get(at, "cause"), undefined);
  }
  return describe(name, message, traceback, lineOf(frames, filename));
}

/**
 * Written by hand: the engine's own JSON.stringify keeps its place in an array, by assignments that a setter of the
 * guest's on `Array.prototype` would see. Texts it writes without one.
 */
function describe(name: string, message: string, traceback: string, line: number | undefined): string {
  const parts = `"name":${quote(name, MAX_NAME)},"message":${quote(message, MAX_MESSAGE)},"traceback":${quote(traceback === "" ? `${name}: ${message}` : traceback, MAX_TRACEBACK)}`;
  return line === undefined ? `{${parts}}` : `{${parts},"line":${line}}`;
}

function quote(text: string, length: number): string {
  return stringify(cut(text, length)) as string;
}

/** The first frame in the run's own source: "    at f (main.js:3:5)" or "    at main.js:3:5". */
function lineOf(frames: string, filename: string): number | undefined {
  const lines = splitText(frames, "\n");
  for (let index = 0; index < lines.length; index++) {
    const found = matchPattern(/(?:\(|at )([^()]*?):(\d+)(?::\d+)?\)?$/, lines[index] as string);
    if (found !== null && found[1] === filename) return Number(found[2]);
  }
  return undefined;
}
