import { ERRNO } from "./python-host.ts";
import type { PythonHost } from "./python-host.ts";

/** Longest path in bytes, without its NUL: Linux's PATH_MAX. */
const MAX_PATH = 4_096;

/** Longer text is decoded by the platform. */
const SHORT_TEXT = 128;

const AT_FDCWD = -100;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A path as the guest wrote it and the directory it starts from. */
export interface GuestPath {
  readonly path: string;
  readonly cwd: string;
}

/** Reads a path argument of an `…at` call. Answers a negative errno if it can't be one. */
export function guestPath(host: PythonHost, address: number, directory: number = AT_FDCWD): GuestPath | number {
  const path = guestText(host, address);
  if (typeof path === "number") return path;
  if (directory === AT_FDCWD || path.startsWith("/")) return { path, cwd: host.cwd };
  const open = host.descriptors.get(directory);
  if (open === undefined) return -ERRNO.EBADF;
  if (open.kind !== "directory" || open.path === undefined) return -ERRNO.ENOTDIR;
  return { path, cwd: open.path };
}

/** Reads a NUL-terminated UTF-8 text; a negative errno if it is none. */
export function guestText(host: PythonHost, address: number): string | number {
  // Most paths: short and ASCII, which is sooner read than handed to a decoder.
  const ascii = host.memory.asciiText(address, SHORT_TEXT);
  if (ascii !== undefined) {
    host.charge(ascii.length);
    return ascii;
  }
  const bytes = host.memory.cString(address, MAX_PATH);
  if (bytes === undefined) return -ERRNO.EFAULT;
  if (bytes === "too-long") return -ERRNO.ENAMETOOLONG;
  host.charge(bytes.length);
  try {
    return decoder.decode(bytes);
  } catch {
    return -ERRNO.EILSEQ;
  }
}
