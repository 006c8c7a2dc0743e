import { Bytes, charCodeAt, floor, fromCharCode } from "../intrinsics.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Uint8Array(128).fill(255);
/** Two letters for each 12 bits: half as many steps as one letter at a time. */
const PAIRS: string[] = [];
for (let index = 0; index < 64; index++) {
  VALUES[ALPHABET.charCodeAt(index)] = index;
  for (let second = 0; second < 64; second++) PAIRS.push(ALPHABET.charAt(index) + ALPHABET.charAt(second));
}

/** Throws `tooLong` if the text would have more than `limit` letters. */
export function encodeBase64(bytes: Uint8Array, limit: number, tooLong: unknown): string {
  if (bytes.length * 4 > limit * 3) throw tooLong;
  let text = "";
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    const bits = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    text += (PAIRS[bits >> 12] as string) + (PAIRS[bits & 4095] as string);
  }
  if (at + 1 === bytes.length) text += `${PAIRS[(bytes[at] as number) << 4] as string}==`;
  else if (at + 2 === bytes.length) {
    const bits = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    text += `${PAIRS[bits >> 4] as string}${ALPHABET[(bits & 15) << 2] as string}=`;
  }
  return text;
}

/** WHATWG "forgiving-base64 decode"; undefined for what is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  let letters = "";
  for (let at = 0; at < text.length; at++) {
    const unit = charCodeAt(text, at);
    if (unit !== 9 && unit !== 10 && unit !== 12 && unit !== 13 && unit !== 32) letters += fromCharCode(unit);
  }
  let length = letters.length;
  if (length % 4 === 0 && length > 0 && charCodeAt(letters, length - 1) === 61) {
    length--;
    if (charCodeAt(letters, length - 1) === 61) length--;
  }
  if (length % 4 === 1) return undefined;
  const bytes = new Bytes(floor((length * 3) / 4));
  let bits = 0;
  let count = 0;
  let out = 0;
  for (let at = 0; at < length; at++) {
    const unit = charCodeAt(letters, at);
    const value = unit < 128 ? (VALUES[unit] as number) : 255;
    if (value === 255) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[out++] = (bits >> count) & 255;
    }
  }
  return bytes;
}

/** Undefined if a character is above U+00FF. */
export function binaryToBytes(text: string): Uint8Array | undefined {
  const bytes = new Bytes(text.length);
  for (let at = 0; at < text.length; at++) {
    const unit = charCodeAt(text, at);
    if (unit > 255) return undefined;
    bytes[at] = unit;
  }
  return bytes;
}

export function bytesToBinary(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) text += fromCharCode(bytes[at] as number);
  return text;
}
