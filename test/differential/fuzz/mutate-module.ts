import type { Seeded } from "./seeded.ts";

/** How often a module is changed anew until the engine takes the result. */
const ATTEMPTS = 200;

/** A valid module with a few bytes of its code and data other than in `bytes`; undefined if none was found. */
export function mutateModule(bytes: Uint8Array, random: Seeded): Uint8Array<ArrayBuffer> | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changed = Uint8Array.from(bytes);
    const edits = 1 + random.below(3);
    for (let edit = 0; edit < edits; edit++) change(changed, random);
    if (!same(changed, bytes) && WebAssembly.validate(changed)) return changed;
  }
  return undefined;
}

const HEADER_BYTES = 8;

function change(bytes: Uint8Array<ArrayBuffer>, random: Seeded): void {
  const at = HEADER_BYTES + random.below(Math.max(1, bytes.length - HEADER_BYTES));
  const old = bytes[at] ?? 0;
  const ways = [
    random.below(256),
    // A neighbouring opcode often has the same type.
    old + 1,
    old - 1,
    old ^ (1 << random.below(7)),
    bytes[HEADER_BYTES + random.below(Math.max(1, bytes.length - HEADER_BYTES))] ?? 0,
  ];
  bytes[at] = (ways[random.below(ways.length)] ?? 0) & 0xff;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((byte, index) => byte === other[index]);
}
