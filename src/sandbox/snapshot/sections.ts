import { checksum } from "../../engine/snapshot/checksum.ts";
import { WardianError } from "../../errors.ts";
import type { Platform } from "../../hosts/platform.ts";
import { ENTRY_BYTES, FLAG_SIGNED, headerChecksumAt, SIGNATURE_BYTES, TABLE_AT } from "./section-layout.ts";
import { checkSignature, signSnapshot, withoutSignature } from "./signature.ts";

/** The letters "WDSN". */
const MAGIC = 0x4e534457;
const VERSION = 1;

const METHOD = { stored: 0, deflated: 1 } as const;
const MAX_SECTIONS = 8;
/** Less than this is not worth the work. */
const LEAST_TO_PACK = 256;

/** What a snapshot consists of, by four-letter names. */
export type Sections = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export type Packing = Pick<Platform, "compress" | "decompress" | "authenticate">;

/** Puts sections into one file: each packed if that helps, checked, and all of it signed if there is a key. */
export async function writeSections(
  sections: Sections,
  key: Uint8Array<ArrayBuffer> | undefined,
  platform: Packing,
): Promise<Uint8Array<ArrayBuffer>> {
  const entries = await Promise.all(Array.from(sections, ([name, bytes]) => packed(name, bytes, platform)));
  const headBytes = TABLE_AT + entries.length * ENTRY_BYTES + 4;
  const bodyBytes = entries.reduce((sum, { stored }) => sum + stored.length, 0);
  const length = headBytes + bodyBytes;
  if (length + SIGNATURE_BYTES > 0xffff_ffff)
    throw new WardianError("unsupported", "Cannot write a snapshot: it is longer than 4 GiB");
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of [MAGIC, VERSION, length, 0, entries.length].entries())
    view.setUint32(index * 4, value, true);
  let at = TABLE_AT;
  let bodyAt = headBytes;
  for (const { name, method, stored, unpackedLength } of entries) {
    for (let index = 0; index < 4; index++) bytes[at + index] = name.charCodeAt(index);
    view.setUint32(at + 4, method, true);
    view.setUint32(at + 8, stored.length, true);
    view.setUint32(at + 12, unpackedLength, true);
    view.setUint32(at + 16, checksum(stored), true);
    at += ENTRY_BYTES;
    bytes.set(stored, bodyAt);
    bodyAt += stored.length;
  }
  view.setUint32(at, checksum(bytes.subarray(0, at)), true);
  return key === undefined ? bytes : await signSnapshot(bytes, key, platform);
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly stored: Uint8Array<ArrayBuffer>;
  readonly unpackedLength: number;
}

async function packed(name: string, bytes: Uint8Array<ArrayBuffer>, platform: Packing): Promise<Entry> {
  const deflated = bytes.length < LEAST_TO_PACK ? bytes : await platform.compress(bytes);
  return deflated.length < bytes.length
    ? { name, method: METHOD.deflated, stored: deflated, unpackedLength: bytes.length }
    : { name, method: METHOD.stored, stored: bytes, unpackedLength: bytes.length };
}

/** What a byte of DEFLATE can stand for at most: 258 bytes by two bits (RFC 1951, 3.2.5). */
const MOST_UNPACKED = 1_032;

export interface ReadOptions {
  readonly key: Uint8Array<ArrayBuffer> | undefined;
  /** All sections together may unpack to so many bytes. */
  readonly maxBytes: number;
}

/**
 * Takes a file apart again. It may come from anyone: nothing is unpacked before the whole is known to be what it says, and
 * never more than `maxBytes`.
 *
 * @throws WardianError "invalid-snapshot" or "snapshot-signature"
 */
export async function readSections(
  bytes: Uint8Array<ArrayBuffer>,
  options: ReadOptions,
  platform: Packing,
): Promise<Sections> {
  const entries = readTable(bytes, options);
  if (options.key !== undefined) await checkSignature(bytes, options.key, platform);
  const sections = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { name, method, stored, unpackedLength } of entries) {
    try {
      sections.set(name, method === METHOD.stored ? stored : await platform.decompress(stored, unpackedLength));
    } catch (cause) {
      throw damaged(`the section "${name}" cannot be unpacked`, cause);
    }
  }
  return sections;
}

/**
 * The same file without its signature, which is right. Nothing is unpacked: for handing it on to where the key must not go.
 *
 * @throws WardianError "invalid-snapshot" or "snapshot-signature"
 */
export async function unsignSections(
  bytes: Uint8Array<ArrayBuffer>,
  options: ReadOptions,
  platform: Packing,
): Promise<Uint8Array<ArrayBuffer>> {
  readTable(bytes, options);
  if (options.key === undefined) return bytes;
  await checkSignature(bytes, options.key, platform);
  return withoutSignature(bytes);
}

function readTable(bytes: Uint8Array<ArrayBuffer>, { key, maxBytes }: ReadOptions): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < TABLE_AT || view.getUint32(0, true) !== MAGIC) throw damaged("it is no snapshot");
  const version = view.getUint32(4, true);
  if (version !== VERSION)
    throw new WardianError(
      "foreign-snapshot",
      `Cannot read a snapshot: it has the format ${version}, and this version of the package reads ${VERSION}`,
    );
  if (view.getUint32(8, true) !== bytes.length) throw damaged("it has not the length that it says");
  const flags = view.getUint32(12, true);
  const count = view.getUint32(16, true);
  if (flags > FLAG_SIGNED || count > MAX_SECTIONS) throw damaged("its header is wrong");
  const signed = flags === FLAG_SIGNED;
  const tableEnd = headerChecksumAt(count);
  const bodyEnd = bytes.length - (signed ? SIGNATURE_BYTES : 0);
  if (tableEnd + 4 > bodyEnd) throw damaged("it is cut short");
  if (view.getUint32(tableEnd, true) !== checksum(bytes.subarray(0, tableEnd)))
    throw damaged("the checksum of its header is wrong");
  if (signed !== (key !== undefined)) throw unsigned(signed);
  const entries: Entry[] = [];
  let at = tableEnd + 4;
  let unpacked = 0;
  for (let index = 0; index < count; index++) {
    const entry = TABLE_AT + index * ENTRY_BYTES;
    const name = String.fromCharCode(...bytes.subarray(entry, entry + 4));
    const method = view.getUint32(entry + 4, true);
    const storedLength = view.getUint32(entry + 8, true);
    const unpackedLength = view.getUint32(entry + 12, true);
    unpacked += unpackedLength;
    if (!/^[A-Z]{4}$/.test(name) || entries.some((other) => other.name === name)) throw damaged("a section is wrong");
    if (method > METHOD.deflated || (method === METHOD.stored && storedLength !== unpackedLength))
      throw damaged(`the section "${name}" is packed in an unknown way`);
    if (storedLength > bodyEnd - at) throw damaged("it is cut short");
    if (unpacked > maxBytes)
      throw damaged(`it unpacks to more than the ${maxBytes} bytes that its reader allows (maxBytes)`);
    // Before as much is allocated as it says.
    if (unpackedLength > storedLength * MOST_UNPACKED)
      throw damaged(`the section "${name}" cannot unpack to what it says`);
    const stored = bytes.subarray(at, at + storedLength);
    if (checksum(stored) !== view.getUint32(entry + 16, true))
      throw damaged(`the checksum of the section "${name}" is wrong`);
    entries.push({ name, method, stored, unpackedLength });
    at += storedLength;
  }
  if (at !== bodyEnd) throw damaged("bytes are left over");
  return entries;
}

function unsigned(signed: boolean): WardianError {
  return new WardianError(
    "snapshot-signature",
    signed
      ? "Cannot read a snapshot: it is signed; give the key"
      : "Cannot read a snapshot: a key was given, and it is not signed",
  );
}

function damaged(why: string, cause?: unknown): WardianError {
  return new WardianError("invalid-snapshot", `Cannot read a snapshot: ${why}`, cause === undefined ? {} : { cause });
}
