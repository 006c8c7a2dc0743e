import { WardianError } from "../../errors.ts";
import type { Sections } from "./sections.ts";

/** @throws WardianError "invalid-snapshot" if there is no such section */
export function sectionOf(sections: Sections, name: string): Uint8Array {
  const bytes = sections.get(name);
  if (bytes !== undefined) return bytes;
  throw new WardianError("invalid-snapshot", `Cannot read a snapshot: the section "${name}" is missing`);
}

export function sameBytes(value: unknown, expected: Uint8Array): boolean {
  return (
    value instanceof Uint8Array &&
    value.length === expected.length &&
    value.every((byte, index) => byte === expected[index])
  );
}
