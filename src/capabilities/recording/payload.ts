import type { ByteReader } from "../../internal/byte-reader.ts";
import type { ByteWriter } from "../../internal/byte-writer.ts";

// Numbers, texts and bytes of payloads: each a writer and the reader that belongs to it. What is written may come from a
// broken implementation of the caller's: of another type it is a TypeError.

const float = new DataView(new ArrayBuffer(8));
const floatBytes = new Uint8Array(float.buffer);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function writeNumber(out: ByteWriter, value: number): void {
  if (typeof value !== "number") throw new TypeError("Cannot record what is no number");
  float.setFloat64(0, value, true);
  out.bytes(floatBytes);
}

export function readNumber(payload: ByteReader): number {
  floatBytes.set(payload.range(8));
  return float.getFloat64(0, true);
}

export function writeBytes(out: ByteWriter, bytes: Uint8Array): void {
  out.u64(bytes.length);
  out.bytes(bytes);
}

/** A view of the tape, not a copy. */
export function readBytes(payload: ByteReader): Uint8Array {
  return payload.range(payload.u64());
}

const UTF8 = 0;
const UTF16 = 1;

/** Any string, lone surrogates included: they have no UTF-8. */
export function writeText(out: ByteWriter, text: string): void {
  if (typeof text !== "string") throw new TypeError("Cannot record what is no text");
  const bytes = encoder.encode(text);
  if (decoder.decode(bytes) === text) {
    out.byte(UTF8);
    writeBytes(out, bytes);
    return;
  }
  out.byte(UTF16);
  out.u64(text.length);
  for (let index = 0; index < text.length; index++) {
    out.byte(text.charCodeAt(index) & 0xff);
    out.byte(text.charCodeAt(index) >> 8);
  }
}

export function readText(payload: ByteReader): string {
  const form = payload.byte();
  if (form === UTF8) {
    try {
      return decoder.decode(readBytes(payload));
    } catch {
      return payload.fail("a text is not UTF-8");
    }
  }
  if (form !== UTF16) payload.fail("a text of an unknown form");
  const length = payload.u64();
  const units = payload.range(length * 2);
  let text = "";
  for (let index = 0; index < length; index++)
    text += String.fromCharCode((units[index * 2] ?? 0) | ((units[index * 2 + 1] ?? 0) << 8));
  return text;
}

/** FNV-1a, 32 bits, of texts and numbers: tells two requests apart, and is no protection against forgery. */
export function fingerprint(...parts: readonly (string | number | boolean | undefined | Uint8Array)[]): number {
  let hash = 0x811c9dc5;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193);
  };
  for (const part of parts) {
    if (part instanceof Uint8Array) for (const byte of part) mix(byte);
    else {
      const text = String(part);
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        mix(unit & 0xff);
        mix(unit >> 8);
      }
    }
    mix(0xff);
  }
  return hash >>> 0;
}
