import {
  Bytes,
  charCodeAt,
  fromCharCode,
  lowerCase,
  SafeRangeError,
  SafeTypeError,
  setBytes,
  toText,
  toWellFormed,
} from "../intrinsics.ts";
import { bytesOf } from "../encode-value.ts";
import { bytesToBinary } from "./base64.ts";
import { encodeUtf8 } from "../native.ts";
import { decodeUtf8 } from "./utf8.ts";

const LABELS = new Map<string, string>([
  ...["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"].map(
    (label) => [label, "utf-8"] as const,
  ),
  ...["utf-16le", "utf-16", "ucs-2", "unicode", "iso-10646-ucs-2", "csunicode", "unicodefeff"].map(
    (label) => [label, "utf-16le"] as const,
  ),
  ...[
    "latin1",
    "iso-8859-1",
    "iso8859-1",
    "iso88591",
    "l1",
    "ascii",
    "us-ascii",
    "windows-1252",
    "cp1252",
    "x-cp1252",
  ].map((label) => [label, "windows-1252"] as const),
]);

/** WHATWG index windows-1252, 0x80 to 0x9f. */
const WINDOWS_1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(text: unknown = ""): Uint8Array {
    return new Bytes(encodeUtf8(toWellFormed(toText(text))));
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const letter of toWellFormed(toText(text))) {
      const bytes = new Bytes(encodeUtf8(letter));
      if (written + bytes.length > target.length) break;
      setBytes(target, bytes, written);
      written += bytes.length;
      read += letter.length;
    }
    return { read, written };
  }
}

class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  #held: Uint8Array = new Bytes(0);
  #started = false;

  constructor(label: unknown = "utf-8", options: { readonly fatal?: boolean; readonly ignoreBOM?: boolean } = {}) {
    const encoding = LABELS.get(lowerCase(toText(label).trim()));
    if (encoding === undefined) throw new SafeRangeError(`The "${toText(label)}" encoding is not supported`);
    this.#encoding = encoding;
    this.#fatal = Boolean(options.fatal);
    this.#ignoreBOM = Boolean(options.ignoreBOM);
  }

  get encoding(): string {
    return this.#encoding;
  }
  get fatal(): boolean {
    return this.#fatal;
  }
  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input?: unknown, options: { readonly stream?: boolean } = {}): string {
    let bytes = input === undefined ? new Bytes(0) : viewOf(input);
    const held = this.#held;
    if (held.length > 0) {
      const both = new Bytes(held.length + bytes.length);
      setBytes(both, held);
      setBytes(both, bytes, held.length);
      bytes = both;
    }
    let end = bytes.length;
    if (options.stream === true)
      end -= this.#encoding === "utf-8" ? unfinished(bytes) : this.#encoding === "utf-16le" ? bytes.length % 2 : 0;
    this.#held = bytes.slice(end);
    const keepMark = this.#ignoreBOM || this.#started;
    this.#started = options.stream === true && (this.#started || end > 0);
    return this.#decodeAll(bytes.subarray(0, end), keepMark);
  }

  #decodeAll(bytes: Uint8Array, keepMark: boolean): string {
    if (this.#encoding === "utf-8") return decodeUtf8(bytes, this.#fatal, keepMark);
    if (this.#encoding === "utf-16le") return decodeUtf16(bytes, this.#fatal, keepMark);
    let text = bytesToBinary(bytes);
    if (/[\x80-\x9f]/.test(text))
      text = text.replace(/[\x80-\x9f]/g, (letter) => WINDOWS_1252[charCodeAt(letter, 0) - 0x80] ?? letter);
    return text;
  }
}

function viewOf(input: unknown): Uint8Array {
  const bytes = bytesOf(input);
  if (bytes !== undefined) return bytes;
  if (ArrayBuffer.isView(input)) return new Bytes(input.buffer as ArrayBuffer, input.byteOffset, input.byteLength);
  throw new SafeTypeError('The "input" argument must be an ArrayBuffer or a view of one');
}

/** How many bytes at the end are the start of a sequence that may go on. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

function decodeUtf16(bytes: Uint8Array, fatal: boolean, keepMark: boolean): string {
  let text = "";
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    if (at > 0 || keepMark || unit !== 0xfeff) text += fromCharCode(unit);
  }
  if (fatal && (bytes.length % 2 !== 0 || toWellFormed(text) !== text))
    throw new SafeTypeError("The encoded data was not valid for encoding utf-16le");
  return toWellFormed(text) + (bytes.length % 2 !== 0 ? "\ufffd" : "");
}

export function installTextEncoding(define: (name: string, value: unknown) => void): void {
  define("TextEncoder", TextEncoder);
  define("TextDecoder", TextDecoder);
}
