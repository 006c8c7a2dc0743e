import { inflateRawSync } from "node:zlib";
import { checksum } from "../../src/engine/snapshot/checksum.ts";

/** The sections of an unsigned snapshot, unpacked, by name. Follows the layout in src/sandbox/snapshot/sections.ts. */
export function takeApart(snapshot: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
  const count = view.getUint32(16, true);
  const sections = new Map<string, Uint8Array>();
  let at = 20 + count * 20 + 4;
  for (let index = 0; index < count; index++) {
    const entry = 20 + index * 20;
    const name = String.fromCharCode(...snapshot.subarray(entry, entry + 4));
    const length = view.getUint32(entry + 8, true);
    const stored = snapshot.subarray(at, at + length);
    sections.set(
      name,
      view.getUint32(entry + 4, true) === 1 ? Uint8Array.from(inflateRawSync(stored)) : stored.slice(),
    );
    at += length;
  }
  return sections;
}

/** A snapshot with right lengths and checksums around whatever the sections hold. */
export function putTogether(sections: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const head = 20 + sections.size * 20 + 4;
  const length = [...sections.values()].reduce((sum, bytes) => sum + bytes.length, head);
  const snapshot = new Uint8Array(length);
  const view = new DataView(snapshot.buffer);
  for (const [index, value] of [0x4e534457, 1, length, 0, sections.size].entries())
    view.setUint32(index * 4, value, true);
  let entry = 20;
  let at = head;
  for (const [name, bytes] of sections) {
    if (name === "IMAG" && bytes.length >= 16) {
      const image = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      image.setUint32(8, bytes.length, true);
      image.setUint32(12, checksum(bytes, 16), true);
    }
    snapshot.set(new TextEncoder().encode(name), entry);
    for (const [index, value] of [0, bytes.length, bytes.length, checksum(bytes)].entries())
      view.setUint32(entry + 4 + index * 4, value, true);
    snapshot.set(bytes, at);
    at += bytes.length;
    entry += 20;
  }
  view.setUint32(entry, checksum(snapshot.subarray(0, entry)), true);
  return snapshot;
}
