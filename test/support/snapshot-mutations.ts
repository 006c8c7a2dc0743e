import fc from "fast-check";
import { Sandbox, WardianError } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { putTogether } from "./snapshot-parts.ts";

const CODES: ReadonlySet<string> = new Set([
  "invalid-snapshot",
  "foreign-snapshot",
  "snapshot-signature",
  "invalid-option",
]);

type Edit = "flip" | "byte" | "word" | "cut" | "drop" | "double" | "zero";

const edits = fc.record({
  edit: fc.constantFrom<Edit>("flip", "byte", "word", "cut", "drop", "double", "zero"),
  at: fc.nat(999_999).map((number) => number / 1e6),
  value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 0x0001_0001),
  length: fc.integer({ min: 1, max: 64 }),
});
type EditOf = typeof edits extends fc.Arbitrary<infer T> ? T : never;

/** What is done to a snapshot. */
export const mutations = fc.record({
  /** Whether the file is put together again around the damage. */
  sealed: fc.boolean(),
  section: fc.constantFrom("HEAD", "DATA", "DATA", "IMAG"),
  /** Headers and tables are in front: most edits go there. */
  near: fc.constantFrom(1, 0.1, 0.01),
  list: fc.array(edits, { minLength: 1, maxLength: 3 }),
});

type Mutation = typeof mutations extends fc.Arbitrary<infer T> ? T : never;

/** A damaged snapshot: the file itself, or one section of it in a file that is right around it. */
export function mutate(
  original: Uint8Array,
  sections: ReadonlyMap<string, Uint8Array>,
  { sealed, section, near, list }: Mutation,
): Uint8Array {
  const before = sealed ? (sections.get(section) ?? new Uint8Array(0)) : original;
  const after = list.reduce((bytes, edit) => apply(bytes, edit, near), before);
  return sealed ? putTogether(new Map([...sections, [section, after]])) : after;
}

function apply(bytes: Uint8Array, { edit, at, value, length }: EditOf, near: number): Uint8Array {
  const index = Math.floor(at * near * bytes.length);
  const result = bytes.slice();
  switch (edit) {
    case "flip":
      result[index] = (result[index] ?? 0) ^ (1 << (value & 7));
      return result;
    case "byte":
      result[index] = value & 0xff;
      return result;
    case "word":
      for (let offset = 0; offset < 4; offset++) result[(index & ~3) + offset] = (value >>> (offset * 8)) & 0xff;
      return result;
    case "cut":
      return result.slice(0, index);
    case "drop":
      return Uint8Array.from(Buffer.concat([result.subarray(0, index), result.subarray(index + length)]));
    case "double":
      return Uint8Array.from(Buffer.concat([result.subarray(0, index + length), result.subarray(index)]));
    case "zero":
      return result.fill(0, index, index + length);
  }
}

/** A sandbox of a snapshot that may be damaged; undefined if it was refused as it should be. */
export async function restored(bytes: Uint8Array, options: SandboxOptions): Promise<Sandbox | undefined> {
  try {
    return await Sandbox.restore(bytes, options);
  } catch (error) {
    if (error instanceof WardianError && CODES.has(error.code)) return undefined;
    throw error;
  }
}
