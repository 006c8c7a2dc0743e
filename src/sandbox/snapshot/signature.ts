import { checksum } from "../../engine/snapshot/checksum.ts";
import { WardianError } from "../../errors.ts";
import type { Platform } from "../../hosts/platform.ts";
import { COUNT_AT, FLAG_SIGNED, FLAGS_AT, headerChecksumAt, LENGTH_AT, SIGNATURE_BYTES } from "./section-layout.ts";

type Authentication = Pick<Platform, "authenticate">;

/** Signs a file of sections: HMAC-SHA-256 of all of it, behind it. */
export async function signSnapshot(
  unsigned: Uint8Array,
  key: Uint8Array<ArrayBuffer>,
  platform: Authentication,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(unsigned.length + SIGNATURE_BYTES);
  bytes.set(unsigned);
  writeHeader(bytes, FLAG_SIGNED);
  bytes.set(await platform.authenticate(key, bytes.slice(0, unsigned.length)), unsigned.length);
  return bytes;
}

/** The file as it was before it was signed. */
export function withoutSignature(signed: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = signed.slice(0, signed.length - SIGNATURE_BYTES);
  writeHeader(bytes, 0);
  return bytes;
}

function writeHeader(bytes: Uint8Array, flags: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(LENGTH_AT, bytes.length, true);
  view.setUint32(FLAGS_AT, flags, true);
  const end = headerChecksumAt(view.getUint32(COUNT_AT, true));
  view.setUint32(end, checksum(bytes.subarray(0, end)), true);
}

/** @throws WardianError "snapshot-signature" unless the file ends with the signature of the key. */
export async function checkSignature(
  bytes: Uint8Array<ArrayBuffer>,
  key: Uint8Array<ArrayBuffer>,
  platform: Authentication,
): Promise<void> {
  const end = bytes.length - SIGNATURE_BYTES;
  const expected = await platform.authenticate(key, bytes.slice(0, end));
  // Every byte is looked at, so that the time does not tell how many were right.
  let difference = 0;
  for (const [index, byte] of expected.entries()) difference |= byte ^ (bytes[end + index] ?? 0);
  if (difference !== 0)
    throw new WardianError("snapshot-signature", "Cannot read a snapshot: it is not signed with this key");
}
