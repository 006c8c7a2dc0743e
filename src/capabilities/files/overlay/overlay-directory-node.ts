import type {
  DirectoryEntry,
  DirectoryNode,
  Errno,
  FileNode,
  FileResult,
  FileSystemNode,
  SymlinkNode,
} from "../file-system.ts";
import { isWithin } from "../memory/memory-nodes.ts";
import type { DirectoryInode, Inode } from "../memory/memory-tree.ts";
import { childPath, splitPath } from "./lower-path.ts";
import { versionOf } from "./lower-version.ts";
import { OverlayFileNode, OverlaySymlinkNode } from "./overlay-leaf-nodes.ts";
import { type LowerNode, OverlayNode } from "./overlay-node.ts";

export class OverlayDirectoryNode extends OverlayNode<DirectoryInode> implements DirectoryNode {
  readonly kind = "directory";

  take(): FileResult<DirectoryInode> {
    const gone = this.gone();
    if (gone !== undefined) return gone;
    const inode = this.inode();
    if (inode !== undefined) return inode;
    return this.lowerPath === undefined ? "ENOENT" : this.mount.tree.takeDirectory(this.lowerPath);
  }

  /** The directory below that shows through, if there is one and it is still a directory. */
  override lower(): LowerNode<"directory"> | undefined {
    const known = super.lower();
    if (known !== undefined || this.lowerPath === undefined) return known;
    const node = this.mount.tree.lowerAt(this.lowerPath);
    return typeof node !== "string" && node.kind === "directory" ? node : undefined;
  }

  lookup(name: string): FileResult<FileSystemNode> {
    const gone = this.gone();
    if (gone !== undefined) return gone;
    const { tree } = this.mount;
    const path = this.#pathBelow(name);
    const entry = this.inode()?.entries.get(name);
    if (entry !== undefined) return this.#nodeOf(entry, path);
    if (path === undefined || tree.isRemoved(path)) return "ENOENT";
    const below = this.lower()?.lookup(name) ?? "ENOENT";
    if (typeof below === "string") return below;
    if (below.kind === "file") return new OverlayFileNode(this.mount, undefined, path, below);
    if (below.kind === "symlink") return new OverlaySymlinkNode(this.mount, undefined, path, below);
    return new OverlayDirectoryNode(this.mount, undefined, path, below);
  }

  /** Sorted by name, whether it lies here or below. */
  list(): FileResult<readonly DirectoryEntry[]> {
    const gone = this.gone();
    if (gone !== undefined) return gone;
    const { tree } = this.mount;
    const below = this.lower()?.list() ?? [];
    if (typeof below === "string") return below;
    const own = this.inode()?.entries;
    const merged: DirectoryEntry[] = [];
    for (const entry of below) {
      const path = this.#pathBelow(entry.name);
      if (own?.has(entry.name) === true || (path !== undefined && tree.isRemoved(path))) continue;
      merged.push({ ...entry, inode: tree.lowerNumber(entry) });
    }
    for (const [name, inode] of own ?? []) merged.push({ name, kind: inode.kind, inode: tree.numberOf(inode) });
    return merged.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  createFile(name: string): FileResult<FileNode> {
    const { memory } = this.mount.tree;
    const inode = this.#add(name, () => memory.newFile(this.mount.tree.now()));
    return typeof inode === "string" ? inode : new OverlayFileNode(this.mount, inode);
  }

  createDirectory(name: string): FileResult<DirectoryNode> {
    const { memory } = this.mount.tree;
    const inode = this.#add(name, () => memory.newDirectory(this.mount.tree.now()));
    return typeof inode === "string" ? inode : new OverlayDirectoryNode(this.mount, inode);
  }

  createSymlink(name: string, target: string): FileResult<SymlinkNode> {
    const { tree } = this.mount;
    // Targets are counted as bytes, else they would be free storage.
    if (!tree.memory.takeBytes(target.length)) return "ENOSPC";
    const inode = this.#add(name, () => tree.memory.newSymlink(target, tree.now()));
    if (typeof inode !== "string") return new OverlaySymlinkNode(this.mount, inode);
    tree.memory.takeBytes(-target.length);
    return inode;
  }

  removeFile(name: string): FileResult<void> {
    const node = this.lookup(name);
    if (typeof node === "string") return node;
    return node.kind === "directory" ? "EISDIR" : this.#remove(name, node);
  }

  removeDirectory(name: string): FileResult<void> {
    const node = this.lookup(name);
    if (typeof node === "string") return node;
    if (node.kind !== "directory") return "ENOTDIR";
    const entries = node.list();
    if (typeof entries === "string") return entries;
    return entries.length > 0 ? "ENOTEMPTY" : this.#remove(name, node);
  }

  rename(name: string, to: DirectoryNode, toName: string): FileResult<void> {
    if (!(to instanceof OverlayDirectoryNode) || to.mount.tree !== this.mount.tree) return "EXDEV";
    const node = this.lookup(name);
    if (typeof node === "string") return node;
    const replaced = to.lookup(toName);
    if (typeof replaced === "string" && replaced !== "ENOENT") return replaced;
    if (typeof replaced !== "string" && isSame(node, replaced)) return undefined;
    const refused =
      to.gone() ?? (typeof replaced === "string" ? this.mount.checkName(toName) : whyNotReplaced(node, replaced));
    if (refused !== undefined) return refused;
    // Everything that may fail comes first: the inodes, then the entries that the removed names below count as.
    const into = to.take();
    if (typeof into === "string") return into;
    const out = this.take();
    if (typeof out === "string") return out;
    const moved = (node as OverlayFileNode | OverlaySymlinkNode | OverlayDirectoryNode).take();
    if (typeof moved === "string") return moved;
    if (moved.kind === "directory" && isWithin(into, moved)) return "EINVAL";
    const { memory } = this.mount.tree;
    const leaves = moved.origin !== undefined && moved.origin.path === this.#pathBelow(name);
    if (leaves && !memory.takeEntry()) return "ENOSPC";
    const removed = typeof replaced === "string" ? undefined : to.#remove(toName, replaced);
    if (removed !== undefined) {
      if (leaves) memory.returnEntry();
      return removed;
    }
    const nowMs = this.mount.tree.now();
    // Attach before detach, so that the file never has zero names; the entry is counted again, then given back.
    memory.takeMovedEntry();
    memory.attach(into, toName, moved, nowMs);
    memory.detach(out, name, nowMs);
    if (moved.kind === "directory") moved.parent = into;
    if (leaves) this.#removeBelow(moved);
    if (moved.origin !== undefined && moved.origin.path === to.#pathBelow(toName))
      this.mount.tree.unremove(moved.origin.path);
    return undefined;
  }

  link(node: FileNode | SymlinkNode, toName: string): FileResult<void> {
    if (!(node instanceof OverlayFileNode || node instanceof OverlaySymlinkNode) || node.mount.tree !== this.mount.tree)
      return "EXDEV";
    const vacancy = this.gone() ?? this.#vacancy(toName);
    if (vacancy !== undefined) return vacancy;
    const inode = node.take();
    if (typeof inode === "string") return inode;
    const added = this.#add(toName, () => inode);
    if (typeof added === "string") return added;
    if (inode.origin !== undefined && inode.origin.path === this.#pathBelow(toName))
      this.mount.tree.unremove(inode.origin.path);
    return undefined;
  }

  /** Where an entry that shows through lies below. */
  #pathBelow(name: string): string | undefined {
    return this.lowerPath === undefined ? undefined : childPath(this.lowerPath, name);
  }

  #nodeOf(inode: Inode, path: string | undefined): FileSystemNode {
    if (inode.kind === "file") return new OverlayFileNode(this.mount, inode);
    if (inode.kind === "symlink") return new OverlaySymlinkNode(this.mount, inode);
    // The short way to the directory below, where nothing was moved.
    const below =
      inode.origin !== undefined && inode.origin.path === path
        ? this.lower()?.lookup(path === undefined ? "" : splitPath(path).name)
        : undefined;
    const lower = typeof below === "object" && below.kind === "directory" ? below : undefined;
    return new OverlayDirectoryNode(this.mount, inode, undefined, lower);
  }

  #add<I extends Inode>(name: string, make: () => I): FileResult<I> {
    const vacancy = this.gone() ?? this.#vacancy(name);
    if (vacancy !== undefined) return vacancy;
    const directory = this.take();
    if (typeof directory === "string") return directory;
    const { memory } = this.mount.tree;
    if (!memory.takeEntry()) return "ENOSPC";
    const inode = make();
    memory.attach(directory, name, inode, this.mount.tree.now());
    return inode;
  }

  #vacancy(name: string): Errno | undefined {
    const there = this.lookup(name);
    if (there !== "ENOENT") return typeof there === "string" ? there : "EEXIST";
    return this.mount.checkName(name);
  }

  /** Takes a name away. What lies below under it is noted as removed, which counts as an entry. */
  #remove(name: string, node: FileSystemNode): Errno | undefined {
    const { tree } = this.mount;
    const { memory } = tree;
    const directory = this.take();
    if (typeof directory === "string") return directory;
    const nowMs = tree.now();
    const inode = directory.entries.get(name);
    if (inode === undefined) {
      const path = this.#pathBelow(name);
      const below = this.lower()?.lookup(name) ?? "ENOENT";
      const stat = typeof below === "string" ? below : below.stat();
      if (typeof stat === "string") return stat;
      if (path === undefined) return "ENOENT";
      if (!memory.takeEntry()) return "ENOSPC";
      tree.remove(path, { kind: node.kind, version: versionOf(stat) });
      directory.modifiedMs = nowMs;
      directory.changedMs = nowMs;
      return undefined;
    }
    const { origin } = inode;
    const leaves = origin !== undefined && origin.path === this.#pathBelow(name);
    memory.detach(directory, name, nowMs);
    if (leaves) {
      // In the place of the entry that was just given back.
      memory.takeMovedEntry();
      this.#removeBelow(inode);
    }
    if (inode.links === 0) tree.uncover(inode);
    return undefined;
  }

  #removeBelow({ kind, origin }: Inode): void {
    if (origin !== undefined) this.mount.tree.remove(origin.path, { kind, version: origin.version });
  }
}

/** Whether both are names of one file or directory: POSIX says that renaming does nothing then. */
function isSame(a: FileSystemNode, b: FileSystemNode): boolean {
  if (!(a instanceof OverlayNode) || !(b instanceof OverlayNode)) return false;
  const inode = a.inode();
  return inode === undefined ? b.inode() === undefined && a.lowerPath === b.lowerPath : b.inode() === inode;
}

function whyNotReplaced(moved: FileSystemNode, replaced: FileSystemNode): Errno | undefined {
  if (moved.kind === "directory" && replaced.kind !== "directory") return "ENOTDIR";
  if (moved.kind !== "directory") return replaced.kind === "directory" ? "EISDIR" : undefined;
  if (replaced.kind !== "directory") return undefined;
  const entries = replaced.list();
  if (typeof entries === "string") return entries;
  return entries.length > 0 ? "ENOTEMPTY" : undefined;
}
