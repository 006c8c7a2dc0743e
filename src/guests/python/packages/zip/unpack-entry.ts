import { crc32 } from "./crc32.ts";
import { ZipProblem } from "./read-directory.ts";
import type { ZipEntry } from "./read-directory.ts";

/** Raw DEFLATE, of exactly so many bytes: a platform's. */
export type Inflate = (bytes: Uint8Array<ArrayBuffer>, length: number) => Promise<Uint8Array<ArrayBuffer>>;

/** The bytes of one file. @throws ZipProblem */
export async function unpackEntry(
  archive: Uint8Array<ArrayBuffer>,
  { name, method, crc, start, packedLength, length }: ZipEntry,
  inflate: Inflate,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = archive.slice(start, start + packedLength);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = method === 0 ? packed : await inflate(packed, length);
  } catch {
    throw new ZipProblem(`its file ${JSON.stringify(name.slice(0, 120))} is damaged`);
  }
  if (crc32(bytes) !== crc)
    throw new ZipProblem(`its file ${JSON.stringify(name.slice(0, 120))} has another checksum than it says`);
  return bytes;
}
