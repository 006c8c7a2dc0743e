import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** zlib's levels above 3 take two to five times as long for a tenth less of an interpreter's memory. */
const LEVEL = 3;

/** Raw DEFLATE on the thread pool. */
export async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return ownBytes(await deflate(bytes, { level: LEVEL }));
}

export async function decompress(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array<ArrayBuffer>> {
  // Zero would mean no limit.
  const result = ownBytes(await inflate(bytes, { maxOutputLength: Math.max(1, length) }));
  if (result.length !== length) throw new RangeError("the data has another length than it says");
  return result;
}

/** Not the view of a pool that other code holds too. */
function ownBytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return buffer.byteLength === buffer.buffer.byteLength && buffer.buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer.buffer)
    : Uint8Array.from(buffer);
}
