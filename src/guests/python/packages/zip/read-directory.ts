import { whyBadName } from "./entry-name.ts";

/** One file of an archive, as the central directory has it; checked against its local header. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 DEFLATE. */
  readonly method: number;
  readonly crc: number;
  /** Where the packed bytes begin, and how many there are. */
  readonly start: number;
  readonly packedLength: number;
  readonly length: number;
}

/** Bounds on an archive, so that hostile bytes cost bounded work. */
export interface ZipLimits {
  /** All files together, unpacked. */
  readonly bytes: number;
  readonly entries: number;
}

/*
 * Source of the layout: APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16
 * (its end). Of what it allows, only what wheels use is taken: one disk, no encryption, no Zip64, stored or DEFLATE.
 */
const END_SIGNATURE = 0x0605_4b50;
const CENTRAL_SIGNATURE = 0x0201_4b50;
const LOCAL_SIGNATURE = 0x0403_4b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;
const UNKNOWN_32 = 0xffff_ffff;
const ENCRYPTED = 0x0041;
const UTF8_NAME = 0x0800;
const MADE_ON_UNIX = 3;
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;

/** What is wrong with an archive: a sentence's end, for the caller to put into an error. */
export class ZipProblem extends Error {}

/**
 * The files of an archive. Nothing is unpacked; everything that is said of a file is checked first: that it lies within the
 * archive, apart from all others (so that no byte counts twice), under a name of its own that leads nowhere else.
 *
 * @throws ZipProblem
 */
export function readDirectory(bytes: Uint8Array, limits: ZipLimits): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count)
    throw new ZipProblem("it is one part of a larger archive");
  if (count === 0xffff || size === UNKNOWN_32 || start === UNKNOWN_32)
    throw new ZipProblem("it is in the Zip64 format");
  if (start + size !== end) throw new ZipProblem("its directory is not where it says");
  if (count > limits.entries) throw new ZipProblem(`it has ${count} files, at most ${limits.entries} are allowed`);
  const entries: ZipEntry[] = [];
  let at = start;
  let total = 0;
  for (let index = 0; index < count; index++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL_SIGNATURE)
      throw new ZipProblem("its directory is damaged");
    const next =
      at +
      CENTRAL_BYTES +
      view.getUint16(at + 28, true) +
      view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
    if (next > end) throw new ZipProblem("its directory is damaged");
    const entry = readEntry(bytes, view, at, start);
    total += entry.length;
    if (total > limits.bytes) throw new ZipProblem(`it unpacks to more than ${limits.bytes} bytes`);
    entries.push(entry);
    at = next;
  }
  if (at !== end) throw new ZipProblem("its directory is damaged");
  refuseOverlaps(entries);
  const files = entries.filter(({ name }) => !name.endsWith("/"));
  refuseDoubles(files);
  return files;
}

/** The last record that reaches exactly to the archive's end. */
function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw new ZipProblem("it is no zip archive");
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, directory: number): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const packedLength = view.getUint32(at + 20, true);
  const length = view.getUint32(at + 24, true);
  const rawName = bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + view.getUint16(at + 28, true));
  const name = decodeName(rawName, flags);
  const fail = (why: string): never => {
    throw new ZipProblem(`its file ${JSON.stringify(name.slice(0, 120))} is refused: ${why}`);
  };
  const bad = whyBadName(name);
  if (bad !== undefined) fail(bad);
  if ((flags & ENCRYPTED) !== 0) fail("it is encrypted");
  if (method !== 0 && method !== 8) fail(`it is packed by method ${method}, which is neither "stored" nor DEFLATE`);
  if (packedLength === UNKNOWN_32 || length === UNKNOWN_32) fail("it is in the Zip64 format");
  const isDirectory = name.endsWith("/");
  if ((method === 0 || isDirectory) && length !== packedLength) fail("its lengths contradict each other");
  if (isDirectory && length !== 0) fail("it is a directory with content");
  const type = view.getUint8(at + 5) === MADE_ON_UNIX ? view.getUint16(at + 40, true) & TYPE_MASK : 0;
  if (type !== 0 && type !== (isDirectory ? DIRECTORY : REGULAR)) fail("it is a link or another special file");
  const local = view.getUint32(at + 42, true);
  if (local + LOCAL_BYTES > directory || view.getUint32(local, true) !== LOCAL_SIGNATURE)
    fail("it is not where the directory says");
  const nameLength = view.getUint16(local + 26, true);
  const start = local + LOCAL_BYTES + nameLength + view.getUint16(local + 28, true);
  const localName = bytes.subarray(local + LOCAL_BYTES, local + LOCAL_BYTES + nameLength);
  // Two names, or two ways of packing: what one program checks is not what another one unpacks.
  if (!sameBytes(localName, rawName) || view.getUint16(local + 8, true) !== method)
    fail("its own header contradicts the directory");
  if (start + packedLength > directory) fail("it does not lie within the archive");
  return { name, method, crc: view.getUint32(at + 16, true), start, packedLength, length };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeName(raw: Uint8Array, flags: number): string {
  // Without the flag it is code page 437, which is the same only for ASCII.
  if ((flags & UTF8_NAME) === 0 && raw.some((byte) => byte >= 0x80))
    throw new ZipProblem("it has a file name that is not UTF-8");
  try {
    return decoder.decode(raw);
  } catch {
    throw new ZipProblem("it has a file name that is not UTF-8");
  }
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Files that share their bytes make an archive of kilobytes unpack to gigabytes (David Fifield, "A better zip bomb", 2019). */
function refuseOverlaps(entries: readonly ZipEntry[]): void {
  let reached = 0;
  for (const { start, packedLength } of entries.toSorted((left, right) => left.start - right.start)) {
    if (start < reached) throw new ZipProblem("its files overlap");
    reached = start + packedLength;
  }
}

function refuseDoubles(files: readonly ZipEntry[]): void {
  const names = new Set<string>();
  for (const { name } of files) {
    if (names.has(name)) throw new ZipProblem(`it has the file ${JSON.stringify(name.slice(0, 120))} twice`);
    names.add(name);
  }
  for (const name of names) {
    for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1))
      if (names.has(name.slice(0, slash)))
        throw new ZipProblem(`its ${JSON.stringify(name.slice(0, Math.min(slash, 120)))} is a file and a directory`);
  }
}
