import { MAX_PATH_BYTES } from "../../../capabilities/files/guest-path.ts";
import { leadsOut } from "../../relative-path.ts";
import { ERRNO } from "../errno.ts";
import type { OpenDescriptor } from "../host/open-descriptors.ts";
import type { Preview1Host } from "../host/preview1-host.ts";

/** A path argument: relative, and the directory that it starts from. */
export interface PathArgument {
  readonly path: string;
  readonly cwd: string;
  readonly directory: OpenDescriptor;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a path that a guest names relative to an open directory; an errno if it is none, is absolute, or leads out of
 * the directory. Symbolic links on the way are resolved by the file view, inside the guest's own tree.
 */
export function pathArgument(host: Preview1Host, fd: number, address: number, length: number): PathArgument | number {
  const directory = host.descriptors.get(fd);
  if (directory === undefined) return ERRNO.EBADF;
  const { description } = directory;
  if (description.kind !== "directory" || description.path === undefined) return ERRNO.ENOTDIR;
  const path = textArgument(host, address, length);
  if (typeof path === "number") return path;
  if (path === "") return ERRNO.ENOENT;
  if (path.startsWith("/") || leadsOut(path)) return ERRNO.EPERM;
  return { path, cwd: description.path, directory };
}

/** Reads UTF-8 text of at most PATH_MAX bytes without NUL. */
export function textArgument(host: Preview1Host, address: number, length: number): string | number {
  if (length >>> 0 > MAX_PATH_BYTES) return ERRNO.ENAMETOOLONG;
  const bytes = host.memory.view(address, length);
  if (bytes === undefined) return ERRNO.EFAULT;
  host.fuel.charge(bytes.length);
  if (bytes.includes(0)) return ERRNO.EINVAL;
  try {
    return decoder.decode(bytes);
  } catch {
    return ERRNO.EILSEQ;
  }
}

/** The same place as an absolute path, for calls on two directories. */
export function absolutePath({ path, cwd }: PathArgument): string {
  return cwd === "/" ? `/${path}` : `${cwd}/${path}`;
}
