import { MAX_PATH_BYTES } from "../../../capabilities/files/guest-path.ts";
import { ERRNO } from "../../../wasi/preview1/errno.ts";
import type { LiveInterpreter } from "../interpreter/interpreter.ts";

/** The directory that relative paths start from: there is no `chdir`. */
export const ROOT = "/";

const AT_FDCWD = -100;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a NUL-terminated path of an Emscripten syscall; a negative errno if it is none, or starts from a descriptor. */
export function pathAt({ host, memory }: LiveInterpreter, directory: number, address: number): string | number {
  const bytes = memory.cString(address, MAX_PATH_BYTES);
  if (bytes === undefined) return -ERRNO.EFAULT;
  if (bytes === "too-long") return -ERRNO.ENAMETOOLONG;
  host.fuel.charge(bytes.length);
  let path: string;
  try {
    path = decoder.decode(bytes);
  } catch {
    return -ERRNO.EILSEQ;
  }
  return directory === AT_FDCWD || path.startsWith("/") ? path : -ERRNO.EBADF;
}
