/** The small globals of the web platform: base64, random values, performance, structured clone. */
import {
  Bytes,
  SafeTypeError,
  setBytes,
  toText,
  typedArrayBuffer,
  typedArrayBytes,
  typedArrayName,
  typedArrayOffset,
} from "../intrinsics.ts";
import { binaryToBytes, bytesToBinary, decodeBase64, encodeBase64 } from "./base64.ts";
import { DOMException } from "./dom-exception.ts";
import { monotonic, randomBytes } from "../native.ts";
import { structuredClone } from "./structured-clone.ts";

/** As the Web Cryptography API has it. */
const QUOTA_BYTES = 65_536;

function getRandomValues<T>(array: T): T {
  const name = typedArrayName(array);
  if (name === undefined || name.startsWith("Float"))
    throw new SafeTypeError("The argument must be an integer typed array");
  const length = typedArrayBytes(array);
  if (length > QUOTA_BYTES)
    throw new DOMException(`The requested length exceeds ${QUOTA_BYTES} bytes`, "QuotaExceededError");
  if (length > 0)
    setBytes(new Bytes(typedArrayBuffer(array), typedArrayOffset(array), length), new Bytes(randomBytes(length)));
  return array;
}

function randomUUID(): string {
  const bytes = new Bytes(randomBytes(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** `performance.now` counts from the start of the run in which it was first asked. */
let origin: number | undefined;

export function installWeb(define: (name: string, value: unknown) => void): void {
  define("DOMException", DOMException);
  define("structuredClone", (value: unknown) => structuredClone(value));
  define("crypto", { getRandomValues, randomUUID });
  define("performance", {
    now: () => monotonic() - (origin ??= monotonic()),
    get timeOrigin(): number {
      return Date.now() - (monotonic() - (origin ??= monotonic()));
    },
  });
  define("atob", (text: unknown) => {
    const bytes = decodeBase64(toText(text));
    if (bytes === undefined)
      throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
    return bytesToBinary(bytes);
  });
  define("btoa", (text: unknown) => {
    const bytes = binaryToBytes(toText(text));
    if (bytes === undefined)
      throw new DOMException(
        "The string to be encoded contains characters outside of the Latin1 range.",
        "InvalidCharacterError",
      );
    return encodeBase64(bytes, 1 / 0, undefined);
  });
}
