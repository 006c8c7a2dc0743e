import type { FileStat } from "../../capabilities/files/file-system.ts";
import type { Description, DescriptionKind } from "./description.ts";

/** A file that belongs to the program's host and not to its mounts: it lies over every mount and cannot be changed. */
export interface Device {
  readonly kind: DescriptionKind;
  readonly stat: FileStat;
  open(): Description;
}

/** Devices by absolute path. */
export type Devices = ReadonlyMap<string, Device>;

/** The device that a path names literally, after "." and ".." are taken out of it; links never lead to one. */
export function deviceAt(devices: Devices, path: string, cwd: string): Device | undefined {
  return devices.size === 0 ? undefined : devices.get(literalPath(path, cwd));
}

/** The stat of a directory that is nowhere but in the paths of devices: programs look at the parents of what they open. */
export function deviceParent(devices: Devices, path: string, cwd: string): FileStat | undefined {
  if (devices.size === 0) return undefined;
  const below = `${literalPath(path, cwd)}/`;
  for (const name of devices.keys()) if (name.startsWith(below)) return PARENT;
  return undefined;
}

const PARENT: FileStat = {
  kind: "directory",
  size: 0,
  inode: 0,
  links: 1,
  writable: false,
  accessedMs: 0,
  modifiedMs: 0,
  changedMs: 0,
};

function literalPath(path: string, cwd: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}
