import { deflateRawSync, crc32 } from "node:zlib";

/** One file of an archive that a test makes; whatever is not said is what a sound archive has. */
export interface ZipFile {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly length?: number;
  /** Unix mode, file type included. */
  readonly mode?: number;
  /** The name in the local header, if it is to be another one. */
  readonly localName?: string;
  /** Where the directory says that the file begins. */
  readonly offset?: number;
}

/** A zip archive; `count` and `comment` forge its end record. */
export function zip(
  files: readonly ZipFile[],
  { count = files.length, comment = "" }: { readonly count?: number; readonly comment?: string } = {},
): Uint8Array<ArrayBuffer> {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const { name, method = 8, flags = 0x0800, mode = 0o100644 } = file;
    const content = Buffer.from(file.content ?? "");
    const packed = method === 8 ? deflateRawSync(content) : content;
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(flags, 2);
    head.writeUInt16LE(method, 4);
    head.writeUInt32LE(file.crc ?? crc32(content), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(file.length ?? content.length, 18);
    const localName = Buffer.from(file.localName ?? name);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), head, localName, packed]);
    local.writeUInt16LE(localName.length, 26);
    const entry = Buffer.alloc(46);
    entry.write("PK\u0001\u0002");
    entry.writeUInt16LE(0x0314, 4);
    head.copy(entry, 6);
    entry.writeUInt16LE(Buffer.byteLength(name), 28);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(file.offset ?? at, 42);
    central.push(entry, Buffer.from(name));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Uint8Array.from(Buffer.concat([...locals, directory, end, Buffer.from(comment)]));
}

/** A wheel of these files, sound unless its metadata is said. */
export function wheel(
  files: Readonly<Record<string, string | Uint8Array>>,
  {
    name = "moss",
    version = "1.0",
    tag = "py3-none-any",
    extra = [],
  }: {
    readonly name?: string;
    readonly version?: string;
    readonly tag?: string;
    readonly extra?: readonly ZipFile[];
  } = {},
): Uint8Array<ArrayBuffer> {
  const info = `${name}-${version}.dist-info`;
  return zip([
    ...Object.entries(files).map(([path, content]) => ({ name: path, content })),
    { name: `${info}/METADATA`, content: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nText\n` },
    { name: `${info}/WHEEL`, content: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${tag}\n` },
    { name: `${info}/RECORD`, content: "" },
    ...extra,
  ]);
}
