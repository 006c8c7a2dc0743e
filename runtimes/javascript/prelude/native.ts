/**
 * What the adapter (adapter.wat) gives to the prelude, under one-letter names that are gone before guest code runs.
 * Texts with NUL come with their length in UTF-8 bytes, since the adapter sees C strings.
 */
import { NOTE_OPERATION } from "../../../src/guests/javascript/operations.ts";
import { charCodeAt, findText, sliceText, toWellFormed } from "./intrinsics.ts";

interface Adapter {
  a: (source: string, byteLength: number, filename: string, flags: number) => unknown;
  b: (stream: number, text: string, byteLength: number) => void;
  c: () => number;
  d: (count: number) => ArrayBuffer;
  e: (name: string, argumentsJson: string) => string;
  f: (operation: number, text: string, data: ArrayBuffer) => string | ArrayBuffer | undefined;
  g: (value: unknown) => number;
  h: (promise: unknown) => unknown;
  i: (text: string, byteLength: number) => ArrayBuffer;
}

const adapter = globalThis as unknown as Adapter;
const { a, b, c, d, e, f, g, h, i } = adapter;
for (const name of ["a", "b", "c", "d", "e", "f", "g", "h", "i"] as const) Reflect.deleteProperty(adapter, name);

/** Flags of the engine's `JS_Eval`. */
export const EVALUATE = { script: 0, module: 1, barrier: 64, async: 128 } as const;

/** Compiles and runs; throws what the code throws. A module gives its namespace, or a promise of it. */
export function evaluate(source: string, filename: string, flags: number): unknown {
  return a(source, cLength(source), filename, flags);
}

export function writeText(stream: 1 | 2, text: string): void {
  b(stream, text, cLength(text));
}

/** Milliseconds of the sandbox's monotonic clock. */
export const monotonic = c;
export const randomBytes = d;
/** Starts a tool call; with "!" before the name one that blocks. The answer: the value's JSON, "e" and `[name, message]`, or "p" and the number of a pending call. */
export const callTool = e;
/** One operation on the sandbox's files: its number, its arguments as JSON, bytes to write. */
export function fileOperation(
  operation: number,
  text: string,
  data: ArrayBuffer | undefined,
): string | ArrayBuffer | undefined {
  // Never nothing: the engine would make an error, with a backtrace, on asking nothing for its bytes.
  return f(operation, text, data ?? NO_BYTES);
}
const NO_BYTES = new ArrayBuffer(0);

/** Tells the host of something that was refused here: "I" for an import, "U" for a tool that was not given. */
export function noteDenial(letter: "I" | "U", where: string): void {
  f(NOTE_OPERATION, letter + toWellFormed(sliceText(where, 0, MAX_NOTE)), NO_BYTES);
}
const MAX_NOTE = 200;

/** 0 pending, 1 fulfilled, 2 rejected, negative for anything but a promise. Runs no guest code, unlike `then`. */
export const promiseState = g;
export const promiseResult = h;

/** The bytes of well-formed text. */
export function encodeUtf8(text: string): ArrayBuffer {
  return i(text, cLength(text));
}

function cLength(text: string): number {
  return findText(text, "\0") < 0 ? -1 : utf8Length(text);
}

/** In the engine's UTF-8, where a lone surrogate has three bytes. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = charCodeAt(text, at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (
      unit >= 0xd800 &&
      unit < 0xdc00 &&
      at + 1 < text.length &&
      (charCodeAt(text, at + 1) & 0xfc00) === 0xdc00
    ) {
      bytes += 4;
      at++;
    } else bytes += 3;
  }
  return bytes;
}
