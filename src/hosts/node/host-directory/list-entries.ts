import { type Dirent, lstatSync, opendirSync } from "node:fs";
import type { DirectoryEntry, NodeKind } from "../../../capabilities/files/file-system.ts";
import type { Location } from "./broker.ts";
import { ErrnoFailure } from "./errno-failure.ts";
import { entryInode } from "./entry-inode.ts";
import { decodeName } from "./decode-name.ts";
import type { HostTree } from "./host-tree.ts";

/** A listing is read in one go, so its length is bounded; about 60 ms of work. A longer directory is EFBIG. */
const MAX_ENTRIES = 65_536;

/**
 * The files, directories and symlinks of a host directory, sorted by name: the host's own order differs from machine to
 * machine. Left out is what a guest cannot open: hidden names, devices, FIFOs, sockets, names that are not UTF-8.
 */
export function listEntries(tree: HostTree, directory: Location): readonly DirectoryEntry[] {
  const { broker, names } = tree;
  const entries: DirectoryEntry[] = [];
  const opened = opendirSync(broker.pathOf(directory), { encoding: "buffer" as BufferEncoding, bufferSize: 256 });
  try {
    let seen = 0;
    for (let found = opened.readSync(); found !== null; found = opened.readSync()) {
      seen += 1;
      if (seen > MAX_ENTRIES) throw new ErrnoFailure("EFBIG");
      const name = decodeName(found.name as unknown as Uint8Array);
      if (name === undefined || names.hides(name)) continue;
      const kind = kindOf(found) ?? lookedUpKind(tree, directory, name);
      if (kind !== undefined) entries.push({ name, kind, inode: entryInode(directory.identity.inode, name) });
    }
  } finally {
    opened.closeSync();
  }
  broker.confirm(directory);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf(entry: Dirent): NodeKind | undefined {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : undefined;
}

/** For file systems whose listings do not tell the kind. */
function lookedUpKind(tree: HostTree, directory: Location, name: string): NodeKind | undefined {
  const stats = lstatSync(tree.broker.entryPath(directory, name), { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : undefined;
}
