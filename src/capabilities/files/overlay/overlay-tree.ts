import type { DirectoryNode, Errno, FileResult, FileStat, FileSystemNode, NodeKind } from "../file-system.ts";
import type { FileSystemContext } from "../file-system.ts";
import { type DirectoryInode, type FileInode, type Inode, MemoryTree, type TreeImage } from "../memory/memory-tree.ts";
import type { LowerVersion } from "../memory/origin.ts";
import { childPath, splitPath } from "./lower-path.ts";
import { versionOf } from "./lower-version.ts";

/** A view gives each mount 2 ** 44 inode numbers: the lower half for what lies below, the upper for what was made here. */
const OWN_NUMBERS = 2 ** 43;

/** A lower path that the guest removed, or moved elsewhere. */
export interface Removal {
  readonly kind: NodeKind;
  readonly version: LowerVersion;
}

export interface OverlayImage {
  readonly tree: TreeImage;
  readonly removals: ReadonlyMap<string, Removal>;
}

/** Told when a file that it reads below is taken into the overlay. */
export interface LowerReader {
  readonly lowerPath: string;
  bind(inode: FileInode): void;
}

/**
 * The state of an overlay: a memory tree that holds what was changed, and what was removed of the lower file system.
 *
 * An inode of the tree may stand over something below, its origin. Over a directory it shows what lies there too; over
 * a file it holds only the pieces that were written. Each lower path has at most one such inode, wherever in the tree
 * it was moved to. Directories on the way to a change are in the tree as well. A lower path is seen where it lies,
 * unless it, or a directory above it, was removed or moved.
 */
export class OverlayTree {
  readonly memory: MemoryTree;
  readonly readers: Set<LowerReader> = new Set();
  #lowerRoot: DirectoryNode | undefined;
  #context: FileSystemContext = { now: () => 0 };
  #removals: Map<string, Removal> = new Map();
  /** Lower path → its inode. */
  #covers: Map<string, Inode> = new Map();

  constructor(maxBytes: number, maxEntries: number) {
    this.memory = new MemoryTree(maxBytes, maxEntries);
    this.#covers.set("", this.memory.root);
  }

  get removals(): ReadonlyMap<string, Removal> {
    return this.#removals;
  }

  mount(lowerRoot: DirectoryNode, context: FileSystemContext | undefined): void {
    this.#lowerRoot = lowerRoot;
    this.#context = context ?? this.#context;
    const { root } = this.memory;
    const stat = lowerRoot.stat();
    if (root.origin === undefined && typeof stat !== "string") this.#cover(root, "", stat);
  }

  now(): number {
    return this.#context.now();
  }

  charge(units: number): boolean {
    return this.#context.charge?.(units) ?? true;
  }

  /** What the guest is told as the inode number. */
  numberOf(inode: Inode): number {
    return inode.origin?.number ?? OWN_NUMBERS + inode.id;
  }

  lowerNumber(stat: { readonly inode: number }): number {
    return stat.inode % OWN_NUMBERS;
  }

  /** The node below, whatever the overlay says about it. */
  lowerAt(path: string): FileResult<FileSystemNode> {
    let node: FileSystemNode | undefined = this.#lowerRoot;
    if (node === undefined) return "EIO";
    for (const name of path === "" ? [] : path.split("/")) {
      if (node.kind !== "directory") return "ENOENT";
      const next: FileResult<FileSystemNode> = node.lookup(name);
      if (typeof next === "string") return next;
      node = next;
    }
    return node;
  }

  /** The inode that stands over a lower path. */
  coverOf(path: string): Inode | undefined {
    return this.#covers.get(path);
  }

  /** Whether what lies at a lower path, without an inode of its own, can be reached by the guest. */
  isVisible(path: string): boolean {
    for (let at = path; ;) {
      if (this.#removals.has(at)) return false;
      const { directory, name } = splitPath(at);
      const cover = this.#covers.get(directory);
      if (cover !== undefined) return cover.kind === "directory" && this.isLive(cover) && !cover.entries.has(name);
      at = directory;
    }
  }

  isLive(directory: DirectoryInode): boolean {
    return directory === this.memory.root || directory.parent !== undefined;
  }

  isRemoved(path: string): boolean {
    return this.#removals.has(path);
  }

  /** The inode of a lower directory; made, with those above it, if there is none yet. */
  takeDirectory(path: string): DirectoryInode | Errno {
    const missing: string[] = [];
    let at = path;
    let cover = this.#covers.get(at);
    if (cover === undefined && !this.isVisible(path)) return "ENOENT";
    while (cover === undefined) {
      const { directory, name } = splitPath(at);
      missing.push(name);
      at = directory;
      cover = this.#covers.get(at);
    }
    // From above, so that what fails halfway leaves whole directories that change nothing.
    for (const name of missing.toReversed()) {
      if (cover.kind !== "directory") return "ENOENT";
      at = childPath(at, name);
      const lower = this.lowerAt(at);
      if (typeof lower === "string") return lower;
      if (lower.kind !== "directory") return "ENOENT";
      const stat = lower.stat();
      if (typeof stat === "string") return stat;
      if (!this.memory.takeEntry()) return "ENOSPC";
      const inode = this.memory.newDirectory(this.now());
      this.#cover(inode, at, stat);
      this.memory.adopt(cover, name, inode);
      cover = inode;
    }
    return cover.kind === "directory" && this.isLive(cover) ? cover : "ENOENT";
  }

  /** The inode of a lower file or symlink; made if there is none yet. No byte is copied. */
  takeLeaf(path: string, lower: Exclude<FileSystemNode, DirectoryNode>): Exclude<Inode, DirectoryInode> | Errno {
    const known = this.#covers.get(path);
    if (known !== undefined) return known.kind === "directory" ? "ENOENT" : known;
    if (!this.isVisible(path)) return "ENOENT";
    const { directory, name } = splitPath(path);
    const parent = this.takeDirectory(directory);
    if (typeof parent === "string") return parent;
    const stat = lower.stat();
    if (typeof stat === "string") return stat;
    const made = lower.kind === "file" ? this.#takeFile(path, stat) : this.#takeSymlink(path, stat, lower.readTarget());
    if (typeof made !== "string") this.memory.adopt(parent, name, made);
    return made;
  }

  /** Makes a lower path disappear; the caller has taken the entry that this counts as. */
  remove(path: string, removal: Removal): void {
    this.#removals.set(path, removal);
  }

  /** An inode came back to where it lies below. */
  unremove(path: string): void {
    if (this.#removals.delete(path)) this.memory.returnEntry();
  }

  /** The last name of an inode is gone. */
  uncover(inode: Inode): void {
    if (inode.origin !== undefined && this.#covers.get(inode.origin.path) === inode) {
      this.#covers.delete(inode.origin.path);
    }
  }

  capture(): OverlayImage {
    return { tree: this.memory.capture(), removals: new Map(this.#removals) };
  }

  restore(image: OverlayImage): void {
    this.memory.restore(image.tree);
    this.#removals = new Map(image.removals);
    this.#covers = coversOf(this.memory.root);
  }

  /** Nothing is changed any more. */
  clear(): void {
    const empty = new OverlayTree(this.memory.maxBytes, this.memory.maxEntries);
    this.restore(empty.capture());
    const stat = this.#lowerRoot?.stat();
    if (typeof stat === "object") this.#cover(this.memory.root, "", stat);
  }

  #takeFile(path: string, stat: FileStat): FileInode | Errno {
    if (!this.memory.takeEntry()) return "ENOSPC";
    const inode = this.memory.newFile(this.now());
    inode.content.truncate(stat.size);
    this.#cover(inode, path, stat);
    for (const reader of this.readers) if (reader.lowerPath === path) reader.bind(inode);
    return inode;
  }

  #takeSymlink(
    path: string,
    stat: FileStat,
    link: FileResult<{ readonly target: string }>,
  ): (Inode & { kind: "symlink" }) | Errno {
    if (typeof link === "string") return link;
    if (!this.memory.takeBytes(link.target.length)) return "ENOSPC";
    if (!this.memory.takeEntry()) {
      this.memory.takeBytes(-link.target.length);
      return "ENOSPC";
    }
    const inode = this.memory.newSymlink(link.target, this.now());
    this.#cover(inode, path, stat);
    return inode;
  }

  #cover(inode: Inode, path: string, stat: FileStat): void {
    const { accessedMs, modifiedMs, changedMs } = stat;
    Object.assign(inode, { accessedMs, modifiedMs, changedMs });
    // A file with a second name below becomes a file of its own here, and needs a number of its own.
    const number = inode.kind === "file" && stat.links > 1 ? OWN_NUMBERS + inode.id : this.lowerNumber(stat);
    inode.origin = { path, number, version: versionOf(stat), limit: inode.kind === "file" ? stat.size : 0 };
    this.#covers.set(path, inode);
  }
}

function coversOf(root: DirectoryInode): Map<string, Inode> {
  const covers = new Map<string, Inode>([["", root]]);
  const seen = new Set<Inode>([root]);
  for (const inode of seen) {
    if (inode.origin !== undefined) covers.set(inode.origin.path, inode);
    if (inode.kind === "directory") for (const child of inode.entries.values()) seen.add(child);
  }
  return covers;
}

/** Whether the guest has changed the content of a file that still lies where it came from. */
export function isChanged({ origin, content }: FileInode): boolean {
  if (origin === undefined) return true;
  const { size } = origin.version;
  return !content.untouched || content.size !== size || origin.limit !== size;
}
