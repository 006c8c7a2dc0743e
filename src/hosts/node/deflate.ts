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

/** Room behind the end, for zlib to find it in the first piece: of many pieces one would be made by copying all. */
const END_BYTES = 64;

export async function decompress(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array<ArrayBuffer>> {
  // Zero would mean no limit.
  const result = ownBytes(
    await inflate(bytes, { maxOutputLength: Math.max(1, length), chunkSize: length + END_BYTES }),
    END_BYTES,
  );
  if (result.length !== length) throw new RangeError("the data has another length than it says");
  return result;
}

/** Not the view of a pool that other code holds too: of what is around it, `spare` bytes at most are part of the memory. */
function ownBytes(buffer: Buffer, spare = 0): Uint8Array<ArrayBuffer> {
  const { buffer: memory, byteOffset, byteLength } = buffer;
  return memory instanceof ArrayBuffer && memory.byteLength <= byteLength + spare
    ? new Uint8Array(memory, byteOffset, byteLength)
    : Uint8Array.from(buffer);
}
