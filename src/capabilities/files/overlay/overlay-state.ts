import { WardianError } from "../../../errors.ts";
import type { FileSystemState } from "../file-system-state.ts";
import type { DirectoryInode, Inode } from "../memory/memory-tree.ts";
import { describeImage, imageOf, isLowerPath } from "../memory/tree-state.ts";
import { childPath } from "./lower-path.ts";
import type { OverlayImage, OverlayTree, Removal } from "./overlay-tree.ts";

export function describeOverlay({ tree, removals }: OverlayImage): FileSystemState {
  return { ...describeImage(tree), removed: Array.from(removals, ([path, removal]) => ({ path, ...removal })) };
}

/**
 * An image for `tree.restore`. The state may come from anywhere.
 *
 * @throws WardianError `invalid-value` if it is no overlay, or more than the quota holds
 */
export function overlayImageOf(state: FileSystemState, tree: OverlayTree): OverlayImage {
  const image = imageOf(state, tree.memory, true);
  const removals = new Map<string, Removal>();
  for (const { path, kind, version } of state.removed ?? []) {
    if (path === "" || !isLowerPath(path) || removals.has(path)) fail("a removed path is wrong");
    if (!["file", "directory", "symlink"].includes(kind)) fail("a removed path is of no known kind");
    const { inode, size, modifiedMs } = version;
    removals.set(path, { kind, version: { inode, size, modifiedMs } });
  }
  const usedEntries = image.usedEntries + removals.size;
  if (usedEntries > tree.memory.maxEntries) fail("it has too many entries");
  checkOrigins(image.root, removals);
  return { tree: { ...image, usedEntries }, removals };
}

/** What lies below is seen in one place only; else a directory could be made to hold itself. */
function checkOrigins(root: DirectoryInode, removals: ReadonlyMap<string, Removal>): void {
  const inPlace = new Set<Inode>([root]);
  const inodes = new Set<Inode>([root]);
  for (const inode of inodes) {
    if (inode.kind !== "directory") continue;
    const below = inode === root ? "" : inode.origin?.path;
    for (const [name, child] of inode.entries) {
      inodes.add(child);
      if (below !== undefined && child.origin?.path === childPath(below, name)) inPlace.add(child);
    }
  }
  const origins = new Set<string>([""]);
  for (const inode of inodes) {
    if (inode === root || inode.origin === undefined) continue;
    const { path } = inode.origin;
    if (origins.has(path)) fail("two inodes stand over the same path");
    origins.add(path);
    if (inPlace.has(inode) === removals.has(path)) fail("an inode is not where its origin says");
  }
}

function fail(why: string): never {
  throw new WardianError("invalid-value", `Cannot restore the files of a sandbox: ${why}`);
}
