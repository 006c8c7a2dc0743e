import type { FileStat } from "../file-system.ts";
import type { LowerVersion } from "../memory/origin.ts";

export function versionOf(stat: FileStat): LowerVersion {
  return { inode: stat.inode, size: stat.size, modifiedMs: stat.modifiedMs };
}

export function sameVersion(a: LowerVersion, b: LowerVersion): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedMs === b.modifiedMs;
}
