// Packs files into a wheel: a zip archive with metadata (PyPA, "Binary distribution format"). `python -m build` does it for
// whole projects; this is the least of it, and gives the same bytes every time.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";

export function makeWheel(folder, { name, version, tag, files }) {
  const info = `${name}-${version}.dist-info`;
  const contents = new Map([
    ...Object.entries(files).map(([file, content]) => [file, Buffer.from(content)]),
    [`${info}/METADATA`, Buffer.from(`Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`)],
    [`${info}/WHEEL`, Buffer.from(`Wheel-Version: 1.0\nRoot-Is-Purelib: ${tag.endsWith("any")}\nTag: ${tag}\n`)],
  ]);
  const record = Array.from(contents, ([file, content]) => {
    const digest = createHash("sha256").update(content).digest("base64url");
    return `${file},sha256=${digest},${content.length}\n`;
  });
  contents.set(`${info}/RECORD`, Buffer.from(`${record.join("")}${info}/RECORD,,\n`));
  const file = path.join(folder, `${name}-${version}-${tag}.whl`);
  writeFileSync(file, zip(contents));
  return file;
}

/** Stored, not packed. */
function zip(contents) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [file, content] of contents) {
    const name = Buffer.from(file);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0); // the version that can read it
    head.writeUInt16LE(0x0800, 2); // the name is UTF-8
    head.writeUInt16LE(0x5821, 8); // 2024-01-01
    head.writeUInt32LE(crc32(content), 10);
    head.writeUInt32LE(content.length, 14);
    head.writeUInt32LE(content.length, 18);
    head.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    entry.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0003"), head, entry, name);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), head, name, content]);
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(contents.size, 4);
  end.writeUInt16LE(contents.size, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, central, Buffer.from("PK\u0005\u0006"), end]);
}
