import type { DisplaySink } from "../capabilities/output.ts";

/** type/subtype of RFC 6838 (its restricted names), and parameters as plain text. */
const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}(?:;[\x20-\x7e]{0,100})?$/i;
const MAX_MIME = 255;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Hands on what a guest shows. The preludes check the type and raise the guest's own error; here it may be forged, and what
 * is none is dropped. Copies the bytes: they may be a view of guest memory.
 */
export function showDisplay(sink: DisplaySink | undefined, mime: string, data: Uint8Array, isText: boolean): void {
  if (sink === undefined || mime.length > MAX_MIME || !MEDIA_TYPE.test(mime)) return;
  const bytes = data.slice();
  sink.display({ mime, data: isText ? decoder.decode(bytes) : bytes });
}
