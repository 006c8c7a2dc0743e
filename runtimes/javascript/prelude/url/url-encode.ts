/** Percent encoding: WHATWG URL, section 1.3. */
import { Bytes, toWellFormed } from "../intrinsics.ts";
import { encodeUtf8 } from "../native.ts";
import { decodeUtf8 } from "../web/utf8.ts";

type EncodeSet = (code: number) => boolean;

const inText = (code: number, text: string): boolean => text.includes(String.fromCharCode(code));

export const isC0Control: EncodeSet = (code) => code < 0x20 || code > 0x7e;
export const isFragment: EncodeSet = (code) => isC0Control(code) || inText(code, ' "<>`');
export const isQuery: EncodeSet = (code) => isC0Control(code) || inText(code, ' "#<>');
export const isSpecialQuery: EncodeSet = (code) => isQuery(code) || code === 0x27;
export const isPath: EncodeSet = (code) => isQuery(code) || inText(code, "?^`{}");
export const isUserinfo: EncodeSet = (code) => isPath(code) || inText(code, "/:;=@[\\]|");

export function encodePercent(text: string, set: EncodeSet): string {
  let result = "";
  for (const letter of toWellFormed(text)) {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x80) result += set(code) ? hex(code) : letter;
    else for (const byte of new Bytes(encodeUtf8(letter))) result += hex(byte);
  }
  return result;
}

export function decodePercent(text: string): string {
  return decodeBytes(text, false);
}

/** `application/x-www-form-urlencoded`: plus signs are spaces. */
export function decodeForm(text: string): string {
  return decodeBytes(text, true);
}

export function encodeForm(text: string): string {
  let result = "";
  for (const byte of new Bytes(encodeUtf8(toWellFormed(text)))) {
    if (byte === 0x20) result += "+";
    else if (
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x2a ||
      byte === 0x2d ||
      byte === 0x2e ||
      byte === 0x5f
    )
      result += String.fromCharCode(byte);
    else result += hex(byte);
  }
  return result;
}

function decodeBytes(text: string, form: boolean): string {
  if (!text.includes("%") && !(form && text.includes("+"))) return toWellFormed(text);
  const bytes = new Bytes(encodeUtf8(toWellFormed(text)));
  const result = new Bytes(bytes.length);
  let out = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const pair = byte === 0x25 ? String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0) : "";
    if (/^[\da-f]{2}$/i.test(pair)) {
      result[out++] = Number.parseInt(pair, 16);
      at += 2;
    } else result[out++] = form && byte === 0x2b ? 0x20 : byte;
  }
  return decodeUtf8(result.subarray(0, out), false, true);
}

function hex(byte: number): string {
  return `%${byte < 16 ? "0" : ""}${byte.toString(16).toUpperCase()}`;
}
