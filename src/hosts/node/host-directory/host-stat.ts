import type { BigIntStats } from "node:fs";
import type { FileStat, NodeKind } from "../../../capabilities/files/file-system.ts";
import { ErrnoFailure } from "./errno-failure.ts";

/** What a name stood for when it was looked at. Two looks at the same thing have equal identities. */
export interface Identity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly kind: NodeKind;
}

/** @throws ErrnoFailure EACCES for devices, FIFOs and sockets: only files, directories and symlinks exist for a guest */
export function identityOf(stats: BigIntStats): Identity {
  return { device: stats.dev, inode: stats.ino, kind: kindOf(stats) };
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.device === b.device && a.inode === b.inode && a.kind === b.kind;
}

export function guestStat(stats: BigIntStats, writable: boolean): FileStat {
  return {
    kind: kindOf(stats),
    size: Number(stats.size),
    // The low bits only: the view spreads mounts over the range above.
    inode: Number(BigInt.asUintN(44, stats.ino)),
    links: Number(stats.nlink),
    writable,
    accessedMs: Number(stats.atimeNs) / 1e6,
    modifiedMs: Number(stats.mtimeNs) / 1e6,
    changedMs: Number(stats.ctimeNs) / 1e6,
  };
}

/**
 * Throws EPERM for a file with more than one name: the other one may lie outside of the mount (a package manager's
 * store, a file that somebody linked in), and a change through this one would change it too.
 */
export function refuseShared(stats: BigIntStats): void {
  if (stats.isFile() && stats.nlink > 1n) throw new ErrnoFailure("EPERM");
}

function kindOf(stats: BigIntStats): NodeKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  throw new ErrnoFailure("EACCES");
}
