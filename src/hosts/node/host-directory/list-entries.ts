import { type Dirent, lstatSync, opendirSync } from "node:fs";
import type { DirectoryEntry, NodeKind } from "../../../capabilities/files/file-system.ts";
import type { Location } from "./broker.ts";
import { entryInodes } from "./entry-inode.ts";
import { ErrnoFailure } from "./errno-failure.ts";
import type { HostTree } from "./host-tree.ts";

/** A listing is read in one go, so its length is bounded, to about 50 ms of work. A longer directory is EFBIG. */
const MAX_ENTRIES = 65_536;

/** What Node shows for bytes that are no UTF-8, and also a character that a name may hold. */
const REPLACEMENT = "\uFFFD";

/**
 * The files, directories and symlinks of a host directory, sorted by name: the host's own order differs from machine to
 * machine. Left out is what a guest cannot open: hidden names, devices, FIFOs, sockets, names that are not UTF-8.
 */
export function listEntries(
  tree: HostTree,
  directory: Location,
  maxEntries: number = MAX_ENTRIES,
): readonly DirectoryEntry[] {
  const { broker, names } = tree;
  const entries = new Map<string, DirectoryEntry>();
  const opened = opendirSync(broker.pathOf(directory), { bufferSize: 256 });
  try {
    const inodeOf = entryInodes(directory.identity.inode);
    let seen = 0;
    for (let found = opened.readSync(); found !== null; found = opened.readSync()) {
      seen += 1;
      if (seen > maxEntries) throw new ErrnoFailure("EFBIG");
      const { name } = found;
      if (names.hides(name)) continue;
      const kind = kindOf(found) ?? (needsLook(found) ? lookedUpKind(tree, directory, name) : undefined);
      if (kind !== undefined) entries.set(name, { name, kind, inode: inodeOf(name) });
    }
  } finally {
    opened.closeSync();
  }
  broker.confirm(directory);
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Undefined if the listing alone does not tell. */
function kindOf(entry: Dirent): NodeKind | undefined {
  if (entry.name.includes(REPLACEMENT)) return undefined;
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : undefined;
}

/** Not for what is known to be a device, FIFO or socket. */
function needsLook(entry: Dirent): boolean {
  return !(entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice());
}

/** For file systems whose listings tell no kinds, and for names that may have been bytes: those are not found. */
function lookedUpKind(tree: HostTree, directory: Location, name: string): NodeKind | undefined {
  const stats = lstatSync(tree.broker.entryPath(directory, name), { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : undefined;
}
