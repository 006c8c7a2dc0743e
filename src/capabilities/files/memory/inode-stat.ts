import type { FileStat, FileTimes } from "../file-system.ts";
import type { Inode } from "./memory-tree.ts";

export function statOf(inode: Inode, writable: boolean): FileStat {
  return {
    kind: inode.kind,
    size: sizeOf(inode),
    inode: inode.id,
    links: inode.kind === "directory" ? 2 : inode.links,
    writable,
    accessedMs: inode.accessedMs,
    modifiedMs: inode.modifiedMs,
    changedMs: inode.changedMs,
  };
}

export function applyTimes(inode: Inode, times: FileTimes, nowMs: number): void {
  if (times.accessedMs !== undefined) inode.accessedMs = times.accessedMs;
  if (times.modifiedMs !== undefined) inode.modifiedMs = times.modifiedMs;
  inode.changedMs = nowMs;
}

function sizeOf(inode: Inode): number {
  if (inode.kind === "file") return inode.content.size;
  return inode.kind === "symlink" ? inode.target.length : 0;
}
