/** The guest's end of displays: rich results beside the output, such as an image or a table. */
import { DISPLAY_OPERATION } from "../../../src/guests/javascript/operations.ts";
import { bytesOf } from "./encode-value.ts";
import { bufferSlice, SafeTypeError, stringify, testPattern, toText } from "./intrinsics.ts";
import { encodeUtf8, fileOperation } from "./native.ts";

/** As in src/guests/show-display.ts, without its lengths. */
const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]*\/[a-z0-9][\w!#$&^.+-]*(?:;[\x20-\x7e]*)?$/i;

/** Shows text, bytes, or anything else as JSON, under a media type. */
function display(data: unknown, mime?: unknown): void {
  const bytes = bytesOf(data);
  if (bytes !== undefined) {
    const piece = bufferSlice(bytes.buffer, bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    fileOperation(DISPLAY_OPERATION.bytes, mediaType(mime, "application/octet-stream"), piece);
    return;
  }
  const text = typeof data === "string" ? data : stringify(data);
  if (text === undefined) throw new SafeTypeError("Cannot display a value that is neither text, bytes nor JSON data");
  const type = mediaType(mime, typeof data === "string" ? "text/plain" : "application/json");
  fileOperation(DISPLAY_OPERATION.text, type, encodeUtf8(text));
}

function mediaType(mime: unknown, otherwise: string): string {
  if (mime === undefined) return otherwise;
  const type = toText(mime);
  if (type.length > 255 || !testPattern(MEDIA_TYPE, type))
    throw new SafeTypeError('Cannot display: the second argument must be a media type, such as "text/html"');
  return type;
}

export function installDisplay(define: (name: string, value: unknown) => void): void {
  define("display", display);
}
