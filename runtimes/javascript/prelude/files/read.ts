import { Bytes, parse, SafeTypeError, setBytes } from "../intrinsics.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { operate } from "./operate.ts";
import { pathOf, encodingOf } from "./arguments.ts";
import type { Path, Encoding } from "./arguments.ts";
import { tryStat } from "./stats.ts";
import { bytesToBinary, encodeBase64 } from "../web/base64.ts";
import { decodeUtf8 } from "../web/utf8.ts";

/** Files above this are read piece by piece into memory that the guest got before. */
const PIECE = 1_048_576;
export function readFileSync(path: Path, options?: Encoding): string | Uint8Array {
  const encoding = encodingOf(options);
  if (path === 0 || path === "/dev/stdin") return decodeBytes(readInput(), encoding);
  const name = pathOf(path);
  if (encoding === "utf8" || encoding === "utf-8") return readText(name);
  return decodeBytes(readBytes(name), encoding);
}

export function decodeBytes(bytes: Uint8Array, encoding: string | undefined): string | Uint8Array {
  if (encoding === undefined) return bytes;
  if (encoding === "utf8" || encoding === "utf-8") return decodeUtf8(bytes, false, true);
  if (encoding === "latin1" || encoding === "binary" || encoding === "ascii") return bytesToBinary(bytes);
  if (encoding === "base64") return encodeBase64(bytes, 1 / 0, undefined);
  if (encoding === "hex") return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  throw new SafeTypeError(`Unknown encoding: ${encoding}`);
}

/** The host decodes, a bounded piece at a time, so that each piece is within the guest's time. */
export function readText(name: string, call = "open"): string {
  let text = "";
  for (let at = 0; at >= 0;) {
    const piece = parse(operate(FILE_OPERATION.readText, call, [name, at]) as string) as readonly [string, number];
    text += piece[0];
    at = piece[1];
  }
  return text;
}

export function readBytes(name: string): Uint8Array {
  const size = tryStat(name, true)?.size ?? 0;
  // Also what is not there: opening it is what is refused, and noted.
  if (size <= PIECE) return new Bytes(operate(FILE_OPERATION.readBytes, "open", [name]) as ArrayBuffer);
  const bytes = new Bytes(size);
  let at = 0;
  while (at < size) {
    const piece = new Bytes(
      operate(FILE_OPERATION.readAt, "read", [name, at, Math.min(PIECE, size - at)]) as ArrayBuffer,
    );
    if (piece.length === 0) break;
    setBytes(bytes, piece, at);
    at += piece.length;
  }
  return at === size ? bytes : bytes.slice(0, at);
}

/** The rest of standard input. */
function readInput(): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Bytes(operate(FILE_OPERATION.readInput, "read", [65_536]) as ArrayBuffer);
    if (piece.length === 0) break;
    pieces.push(piece);
    length += piece.length;
  }
  const all = new Bytes(length);
  let at = 0;
  for (const piece of pieces) {
    setBytes(all, piece, at);
    at += piece.length;
  }
  return all;
}
