import type {
  DirectoryEntry,
  DirectoryNode,
  Errno,
  FileHandle,
  FileNode,
  FileResult,
  FileStat,
  FileSystemNode,
  FileTimes,
  OpenMode,
  SymlinkNode,
} from "../file-system.ts";
import { applyTimes, statOf } from "./inode-stat.ts";
import { MemoryHandle } from "./memory-handle.ts";
import type { DirectoryInode, FileInode, Inode, MemoryTree, SymlinkInode } from "./memory-tree.ts";

/** What the nodes of one mounted memory directory share. */
export interface MemoryMount {
  readonly tree: MemoryTree;
  readonly writable: boolean;
  readonly now: () => number;
}

abstract class MemoryNode<I extends Inode> {
  readonly mount: MemoryMount;
  readonly inode: I;

  constructor(mount: MemoryMount, inode: I) {
    this.mount = mount;
    this.inode = inode;
  }

  stat(): FileResult<FileStat> {
    return this.stale() ? "ENOENT" : statOf(this.inode, this.mount.writable);
  }

  setTimes(times: FileTimes): FileResult<void> {
    const refused = this.refusal();
    if (refused !== undefined) return refused;
    applyTimes(this.inode, times, this.mount.now());
    return undefined;
  }

  /** From before a reset. */
  stale(): boolean {
    return this.inode.epoch !== this.mount.tree.epoch;
  }

  /** Why nothing can be changed here. */
  refusal(): Errno | undefined {
    if (!this.mount.writable) return "EROFS";
    return this.stale() ? "ENOENT" : undefined;
  }
}

export class MemoryFileNode extends MemoryNode<FileInode> implements FileNode {
  readonly kind = "file";

  open(mode: OpenMode): FileResult<FileHandle> {
    const { tree, writable, now } = this.mount;
    if (this.stale()) return "ENOENT";
    if (!writable && (mode.write || mode.append || mode.truncate)) return "EROFS";
    const handle = new MemoryHandle(tree, this.inode, mode, writable, now);
    if (mode.truncate) {
      const truncated = mode.write ? handle.truncate(0) : "EINVAL";
      if (typeof truncated === "string") {
        handle.close();
        return truncated;
      }
    }
    return handle;
  }
}

export class MemorySymlinkNode extends MemoryNode<SymlinkInode> implements SymlinkNode {
  readonly kind = "symlink";

  readTarget(): FileResult<{ readonly target: string }> {
    return this.stale() ? "ENOENT" : { target: this.inode.target };
  }
}

export class MemoryDirectoryNode extends MemoryNode<DirectoryInode> implements DirectoryNode {
  readonly kind = "directory";

  lookup(name: string): FileResult<FileSystemNode> {
    if (this.stale()) return "ENOENT";
    const inode = this.inode.entries.get(name);
    return inode === undefined ? "ENOENT" : nodeOf(this.mount, inode);
  }

  list(): FileResult<readonly DirectoryEntry[]> {
    if (this.stale()) return "ENOENT";
    return Array.from(this.inode.entries, ([name, inode]) => ({ name, kind: inode.kind, inode: inode.id }));
  }

  createFile(name: string): FileResult<FileNode> {
    const { tree, now } = this.mount;
    const inode = this.#add(name, () => tree.newFile(now()));
    return typeof inode === "string" ? inode : new MemoryFileNode(this.mount, inode);
  }

  createDirectory(name: string): FileResult<DirectoryNode> {
    const { tree, now } = this.mount;
    const inode = this.#add(name, () => tree.newDirectory(now()));
    return typeof inode === "string" ? inode : new MemoryDirectoryNode(this.mount, inode);
  }

  createSymlink(name: string, target: string): FileResult<SymlinkNode> {
    const { tree, now } = this.mount;
    const refused = this.refusal() ?? this.#vacancy(name);
    if (refused !== undefined) return refused;
    // Targets are counted as bytes, else they would be free storage.
    if (!tree.takeBytes(target.length)) return "ENOSPC";
    const inode = this.#add(name, () => tree.newSymlink(target, now()));
    if (typeof inode !== "string") return new MemorySymlinkNode(this.mount, inode);
    tree.takeBytes(-target.length);
    return inode;
  }

  removeFile(name: string): FileResult<void> {
    const refused = this.refusal();
    if (refused !== undefined) return refused;
    const inode = this.inode.entries.get(name);
    if (inode === undefined) return "ENOENT";
    if (inode.kind === "directory") return "EISDIR";
    this.mount.tree.detach(this.inode, name, this.mount.now());
    return undefined;
  }

  removeDirectory(name: string): FileResult<void> {
    const refused = this.refusal();
    if (refused !== undefined) return refused;
    const inode = this.inode.entries.get(name);
    if (inode === undefined) return "ENOENT";
    if (inode.kind !== "directory") return "ENOTDIR";
    if (inode.entries.size > 0) return "ENOTEMPTY";
    this.mount.tree.detach(this.inode, name, this.mount.now());
    return undefined;
  }

  rename(name: string, to: DirectoryNode, toName: string): FileResult<void> {
    if (!(to instanceof MemoryDirectoryNode) || to.mount.tree !== this.mount.tree) return "EXDEV";
    const refused = this.refusal() ?? to.refusal();
    if (refused !== undefined) return refused;
    const { tree, now } = this.mount;
    const moved = this.inode.entries.get(name);
    if (moved === undefined) return "ENOENT";
    if (moved.kind === "directory" && isWithin(to.inode, moved)) return "EINVAL";
    if (to.#removed()) return "ENOENT";
    const replaced = to.inode.entries.get(toName);
    // The same file under both names: POSIX says to do nothing.
    if (replaced === moved) return undefined;
    if (replaced !== undefined) {
      if (moved.kind === "directory" && replaced.kind !== "directory") return "ENOTDIR";
      if (moved.kind !== "directory" && replaced.kind === "directory") return "EISDIR";
      if (replaced.kind === "directory" && replaced.entries.size > 0) return "ENOTEMPTY";
      tree.detach(to.inode, toName, now());
    }
    // Attach before detach, so that the file never has zero names; the entry is counted again, then given back.
    tree.takeMovedEntry();
    tree.attach(to.inode, toName, moved, now());
    tree.detach(this.inode, name, now());
    if (moved.kind === "directory") moved.parent = to.inode;
    return undefined;
  }

  link(node: FileNode | SymlinkNode, toName: string): FileResult<void> {
    if (!(node instanceof MemoryFileNode || node instanceof MemorySymlinkNode) || node.mount.tree !== this.mount.tree)
      return "EXDEV";
    const refused = this.refusal() ?? (node.stale() ? "ENOENT" : undefined);
    if (refused !== undefined) return refused;
    // A name for a file whose last name is gone would bring it back.
    if (node.inode.links === 0) return "ENOENT";
    const added = this.#add(toName, () => node.inode);
    return typeof added === "string" ? added : undefined;
  }

  #add<I extends Inode>(name: string, make: () => I): FileResult<I> {
    const refused = this.refusal() ?? this.#vacancy(name);
    if (refused !== undefined) return refused;
    const { tree, now } = this.mount;
    if (!tree.takeEntry()) return "ENOSPC";
    const inode = make();
    tree.attach(this.inode, name, inode, now());
    return inode;
  }

  #vacancy(name: string): Errno | undefined {
    if (this.inode.entries.has(name)) return "EEXIST";
    return this.#removed() ? "ENOENT" : undefined;
  }

  /** Whether this directory was removed while something still held it. */
  #removed(): boolean {
    return this.inode.parent === undefined && this.inode !== this.mount.tree.root;
  }
}

function nodeOf(mount: MemoryMount, inode: Inode): FileSystemNode {
  if (inode.kind === "file") return new MemoryFileNode(mount, inode);
  return inode.kind === "directory" ? new MemoryDirectoryNode(mount, inode) : new MemorySymlinkNode(mount, inode);
}

/** Whether `directory` is `ancestor` or lies below it. */
export function isWithin(directory: DirectoryInode, ancestor: DirectoryInode): boolean {
  for (let at: DirectoryInode | undefined = directory; at !== undefined; at = at.parent)
    if (at === ancestor) return true;
  return false;
}
