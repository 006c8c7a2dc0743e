import { Bytes, bufferSlice, SafeTypeError, toText, toWellFormed } from "../intrinsics.ts";
import { encodeUtf8, writeText } from "../native.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { operate } from "./operate.ts";
import { pathOf, encodingOf } from "./arguments.ts";
import type { Path, Encoding } from "./arguments.ts";
import { bytesOf } from "../encode-value.ts";
import { decodeBase64 } from "../web/base64.ts";
import { decodeUtf8 } from "../web/utf8.ts";

/** Longer text is encoded here, and not sent as JSON for the host to decode. */
const SHORT_TEXT = 65_536;

export function write(path: Path, data: unknown, options: Encoding, flag: string): void {
  if (path === 1 || path === 2) {
    const shown = bytesOf(data);
    writeText(path, shown === undefined ? toText(data) : decodeUtf8(shown, false, true));
    return;
  }
  const name = pathOf(path);
  const encoding = encodingOf(options);
  const mode =
    typeof options === "object" && options !== null && typeof options.flag === "string" ? options.flag : flag;
  let bytes = bytesOf(data);
  if (bytes === undefined) {
    if (typeof data !== "string")
      throw new SafeTypeError(
        `The "data" argument must be a string or bytes. Received ${data === null ? "null" : typeof data}`,
      );
    if (encoding === undefined || encoding === "utf8" || encoding === "utf-8") {
      if (data.length <= SHORT_TEXT) {
        operate(FILE_OPERATION.writeText, "open", [name, mode, toWellFormed(data)]);
        return;
      }
      bytes = new Bytes(encodeUtf8(toWellFormed(data)));
    } else if (encoding === "base64") bytes = decodeBase64(data) ?? new Bytes(0);
    else if (encoding === "latin1" || encoding === "binary" || encoding === "ascii")
      bytes = Bytes.from(data, (letter) => letter.charCodeAt(0) & 255);
    else if (encoding === "hex") bytes = Bytes.from(data.match(/[\da-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16));
    else throw new SafeTypeError(`Unknown encoding: ${encoding}`);
  }
  operate(
    FILE_OPERATION.writeBytes,
    "open",
    [name, mode],
    bufferSlice(bytes.buffer, bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  );
}
