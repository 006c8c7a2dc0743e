import { packageError, quoted } from "./package-error.ts";
import { fitsTag, NATIVE_TAG } from "./wheel-tags.ts";
import { readDirectory, ZipProblem } from "./zip/read-directory.ts";
import { unpackEntry } from "./zip/unpack-entry.ts";
import type { Inflate } from "./zip/unpack-entry.ts";

/** A wheel that was taken apart (PyPA, "Binary distribution format"). */
export interface Wheel {
  /** As its metadata has it. */
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the archive, in hexadecimal. */
  readonly digest: string;
  /** What goes into site-packages, by relative path. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** What is wanted of a platform. */
export interface Unpacking {
  readonly decompress: Inflate;
  readonly digest: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
}

/** Larger than the largest wheel that a sandbox's memory could use. */
export const MAX_WHEEL_BYTES: number = 256 * 2 ** 20;
const LIMITS = { bytes: 512 * 2 ** 20, entries: 50_000 };

/**
 * Takes a wheel apart. It may come from anyone: the worst that it can hold is bad Python, and Wasm that is checked later.
 *
 * @throws WardianError "invalid-package" with what is wrong: with the archive, with its metadata, or that it is for another interpreter.
 */
export async function readWheel(archive: Uint8Array<ArrayBuffer>, what: string, platform: Unpacking): Promise<Wheel> {
  if (archive.length > MAX_WHEEL_BYTES)
    throw packageError(what, `it has ${archive.length} bytes, at most ${MAX_WHEEL_BYTES} are allowed`);
  const unpacked = new Map<string, Uint8Array<ArrayBuffer>>();
  try {
    for (const entry of readDirectory(archive, LIMITS))
      unpacked.set(entry.name, await unpackEntry(archive, entry, platform.decompress));
  } catch (cause) {
    throw cause instanceof ZipProblem ? packageError(what, cause.message) : cause;
  }
  const info = infoFolder(unpacked, what);
  const { name, version } = readMetadata(unpacked.get(`${info}/METADATA`), what);
  checkTags(unpacked.get(`${info}/WHEEL`), `${name} ${version}`);
  const digest = await platform.digest(archive);
  return { name, version, digest, files: placed(unpacked, info.slice(0, -".dist-info".length)) };
}

/** Its one folder of metadata, "{name}-{version}.dist-info". */
function infoFolder(files: ReadonlyMap<string, unknown>, what: string): string {
  const folders = new Set([...files.keys()].flatMap((name) => /^([^/]+\.dist-info)\//.exec(name)?.[1] ?? []));
  const [folder, second] = folders;
  if (folder === undefined) throw packageError(what, "it is no wheel: it has no .dist-info folder");
  if (second !== undefined) throw packageError(what, "it has more than one .dist-info folder");
  return folder;
}

function readMetadata(
  bytes: Uint8Array | undefined,
  what: string,
): { readonly name: string; readonly version: string } {
  const fields = headers(bytes);
  const name = fields.get("name")?.[0];
  const version = fields.get("version")?.[0];
  if (name === undefined || !/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/.test(name))
    throw packageError(what, "its METADATA has no valid Name");
  if (version === undefined || !/^[A-Za-z0-9][A-Za-z0-9.!+_-]{0,99}$/.test(version))
    throw packageError(what, "its METADATA has no valid Version");
  return { name, version };
}

/** Tags in a message; a wheel may name a thousand. */
const MAX_NAMED = 5;

function checkTags(bytes: Uint8Array | undefined, what: string): void {
  const fields = headers(bytes);
  const format = fields.get("wheel-version")?.[0];
  if (format === undefined || !/^1\.\d+$/.test(format))
    throw packageError(what, "it is of another wheel format than 1.x, or its WHEEL file is missing");
  const tags = fields.get("tag") ?? [];
  if (tags.some((tag) => fitsTag(tag))) return;
  const named = tags
    .slice(0, MAX_NAMED)
    .map((tag) => quoted(tag))
    .join(", ");
  throw packageError(
    what,
    `it is for ${named === "" ? "no interpreter" : named}; this one takes "py3-none-any" or "${NATIVE_TAG}"`,
  );
}

/** "Name: value" lines up to the first empty one, by lower-case name. */
function headers(bytes: Uint8Array | undefined): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  if (bytes === undefined) return found;
  for (const line of new TextDecoder().decode(bytes.subarray(0, LONGEST_HEAD)).split(/\r?\n/)) {
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return found;
}

/** A METADATA file carries a whole description behind its fields. */
const LONGEST_HEAD = 65_536;

/** Files where an installer puts them: those of ".data/purelib" and ".data/platlib" beside the rest, its other kinds nowhere. */
function placed(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  stem: string,
): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const data = `${stem}.data/`;
  const result = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, bytes] of files) {
    const library = name.startsWith(data) ? /^(?:purelib|platlib)\/(.+)$/.exec(name.slice(data.length))?.[1] : name;
    if (library !== undefined) result.set(library, bytes);
  }
  return result;
}
