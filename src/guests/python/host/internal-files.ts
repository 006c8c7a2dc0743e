import type { FileStat } from "../../../capabilities/files/file-system.ts";
import type { Description } from "../../../wasi/preview1/description.ts";
import { streamStat } from "../../../wasi/preview1/description.ts";
import { BytesDescription, bytesStat } from "../../../wasi/preview1/descriptors/bytes-description.ts";
import { NullDescription, RandomDescription } from "../../../wasi/preview1/descriptors/stream-description.ts";
import type { GuestPath } from "./guest-path.ts";
import type { PythonHost } from "./python-host.ts";

/** Where CPython looks for its library with home "/". */
export const STDLIB_PATH = "/lib/python314.zip";

/** Files that belong to the interpreter, not to the sandbox: they lie over every mount and cannot be changed. */
export interface InternalFile {
  readonly device: boolean;
  readonly stat: FileStat;
  open(): Description;
}

/** The internal file that a path names literally, after "." and ".." are taken out of it; links never lead to one. */
export function internalFile(host: PythonHost, { path, cwd }: GuestPath): InternalFile | undefined {
  switch (literal(path, cwd)) {
    case STDLIB_PATH:
      return {
        device: false,
        stat: bytesStat(host.stdlib),
        open: () => new BytesDescription(STDLIB_PATH, host.stdlib),
      };
    case "/dev/null":
      return { device: true, stat: streamStat(true), open: () => new NullDescription() };
    case "/dev/urandom":
    case "/dev/random":
      return { device: true, stat: streamStat(false), open: () => new RandomDescription(host.capabilities.random) };
    default:
      return undefined;
  }
}

function literal(path: string, cwd: string): string | undefined {
  // Cheap way out for all but a few paths: this is on the way of every file operation.
  if (!mayName(path) && (path.startsWith("/") || !mayName(cwd))) return undefined;
  const absolute = path.startsWith("/") ? path : `${cwd}/${path}`;
  const parts: string[] = [];
  for (const part of absolute.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Whether the path holds a directory of the internal files; the last component may be another's. */
function mayName(path: string): boolean {
  return path.includes("lib") || path.includes("dev");
}
