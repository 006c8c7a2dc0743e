import type { Errno } from "./file-system.ts";

/** Longest path in bytes of UTF-8, as PATH_MAX on Linux. */
export const MAX_PATH_BYTES = 4_096;
/** Longest component in bytes of UTF-8, as NAME_MAX on Linux. */
export const MAX_NAME_BYTES = 255;

/** A guest path, taken apart. Components may be "." or ".."; nothing is resolved and nothing is decoded: "%2e%2e" is a name. */
export interface GuestPath {
  readonly absolute: boolean;
  readonly components: readonly string[];
  /** The path ends in a slash: the last component must be a directory. */
  readonly directoryOnly: boolean;
}

export function parseGuestPath(path: string): GuestPath | Errno {
  if (typeof path !== "string") return "EINVAL";
  if (path === "") return "ENOENT";
  // Length first: everything below is linear in it.
  if (path.length > MAX_PATH_BYTES) return "ENAMETOOLONG";
  const bytes = utf8Length(path);
  if (bytes > MAX_PATH_BYTES) return "ENAMETOOLONG";
  if (path.includes("\0")) return "EINVAL";
  const components: string[] = [];
  for (let start = 0; start < path.length;) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if (end > start) {
      const component = path.slice(start, end);
      // A short path has no long component.
      if (bytes > MAX_NAME_BYTES && utf8Length(component) > MAX_NAME_BYTES) return "ENAMETOOLONG";
      components.push(component);
    }
    start = end + 1;
  }
  return { absolute: path.startsWith("/"), components, directoryOnly: path.endsWith("/") };
}

/** Whether `name` can be an entry of a directory: one component that is not empty, "." or "..", without "/" and NUL. */
export function isEntryName(name: string): boolean {
  return (
    typeof name === "string" &&
    name !== "" &&
    name !== "." &&
    name !== ".." &&
    name.length <= MAX_NAME_BYTES &&
    !name.includes("/") &&
    !name.includes("\0") &&
    utf8Length(name) <= MAX_NAME_BYTES
  );
}

/** Bytes of `text` in UTF-8; a lone surrogate counts as the three bytes it takes in WTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      length += 1;
    } else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      // Two units, four bytes.
      length += 2;
      index += 1;
    } else {
      length += 2;
    }
  }
  return length;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
