import { isEntryName, MAX_PATH_BYTES, utf8Length } from "../../../../capabilities/files/guest-path.ts";

/** Deeper is no package. */
const MAX_DEPTH = 64;

/**
 * Why a name cannot stand in an archive that is unpacked; undefined if it can: relative, of plain components, and no path
 * on any system, so that "..\\x" and "C:x" are refused too.
 */
export function whyBadName(name: string): string | undefined {
  if (utf8Length(name) > MAX_PATH_BYTES) return "it is too long";
  if (name.includes("\\") || /^[A-Za-z]:/.test(name)) return "it is a path of Windows";
  const components = name.replace(/\/$/, "").split("/");
  if (components.length > MAX_DEPTH) return "it is too deep";
  return components.every((component) => isEntryName(component)) ? undefined : "it leads out of the package";
}
