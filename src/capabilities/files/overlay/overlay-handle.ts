import type { FileHandle, FileNode, FileResult, FileStat, FileTimes, OpenMode } from "../file-system.ts";
import { applyTimes, statOf } from "../memory/inode-stat.ts";
import type { FileInode } from "../memory/memory-tree.ts";
import { sameVersion, versionOf } from "./lower-version.ts";
import { copyUp, growthOf, readThrough } from "./overlay-content.ts";
import type { LowerReader, OverlayTree } from "./overlay-tree.ts";

/** What the file below may be opened for. */
const READ_ONLY: OpenMode = { read: true, write: false, append: false, truncate: false };

/** Fuel for copying one byte up, as memory and a lower directory of the host together cost it. */
const COPY_UNITS = 3;

/**
 * An open file of an overlay. One that only reads stays with the file below until somebody changes that file; from then
 * on it reads what was changed, as every handle of one file does.
 */
export class OverlayHandle implements FileHandle, LowerReader {
  readonly lowerPath: string;
  readonly #tree: OverlayTree;
  readonly #mode: OpenMode;
  readonly #epoch: number;
  readonly #materialize: () => FileResult<FileInode>;
  #inode: FileInode | undefined;
  #lower: FileHandle | undefined;
  #open = true;

  /** Reads a file that nobody has changed yet. `take` brings it into the overlay. */
  static onLower(
    tree: OverlayTree,
    path: string,
    lower: FileNode,
    mode: OpenMode,
    take: () => FileResult<FileInode>,
  ): FileResult<OverlayHandle> {
    const opened = lower.open(READ_ONLY);
    if (typeof opened === "string") return opened;
    const handle = new OverlayHandle(tree, path, mode, take);
    handle.#lower = opened;
    tree.readers.add(handle);
    return handle;
  }

  static onInode(tree: OverlayTree, inode: FileInode, mode: OpenMode): OverlayHandle {
    const handle = new OverlayHandle(tree, inode.origin?.path ?? "", mode, () => inode);
    handle.bind(inode);
    return handle;
  }

  private constructor(tree: OverlayTree, lowerPath: string, mode: OpenMode, materialize: () => FileResult<FileInode>) {
    this.#tree = tree;
    this.lowerPath = lowerPath;
    this.#mode = mode;
    this.#epoch = tree.memory.epoch;
    this.#materialize = materialize;
  }

  bind(inode: FileInode): void {
    if (this.#inode !== undefined) return;
    this.#inode = inode;
    inode.opens += 1;
    this.#tree.readers.delete(this);
  }

  stat(): FileResult<FileStat> {
    if (!this.#usable()) return "EBADF";
    if (this.#inode !== undefined) return { ...statOf(this.#inode, true), inode: this.#tree.numberOf(this.#inode) };
    const stat = this.#lower?.stat() ?? "EBADF";
    return typeof stat === "string" ? stat : { ...stat, inode: this.#tree.lowerNumber(stat), writable: true };
  }

  read(into: Uint8Array, position: number): FileResult<number> {
    if (!this.#usable() || !this.#mode.read) return "EBADF";
    if (this.#inode === undefined) return this.#lower?.read(into, position) ?? "EBADF";
    return readThrough(this.#inode, this.#openLower, into, position);
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    const inode = this.#inode;
    if (!this.#usable() || !this.#mode.write || inode === undefined) return "EBADF";
    if (from.length === 0) return 0;
    const { memory } = this.#tree;
    const limit = inode.origin?.limit ?? 0;
    const start = this.#mode.append ? inode.content.size : position;
    const end = start + from.length;
    if (end - limit > memory.maxBytes) return "EFBIG";
    const growth = growthOf(inode, start, end);
    if (!memory.takeBytes(growth)) return "ENOSPC";
    const before = inode.content.charged(limit);
    const failed = copyUp(inode, this.#openLower, start, end, (bytes) => this.#tree.charge(bytes * COPY_UNITS));
    if (failed !== undefined) {
      memory.takeBytes(inode.content.charged(limit) - before - growth);
      return failed;
    }
    inode.content.write(from, start);
    this.#touch(inode);
    return from.length;
  }

  truncate(size: number): FileResult<void> {
    const inode = this.#inode;
    if (!this.#usable() || !this.#mode.write || inode === undefined) return "EBADF";
    const { memory } = this.#tree;
    const { content, origin } = inode;
    const limit = origin?.limit ?? 0;
    if (size - limit > memory.maxBytes) return "EFBIG";
    if (size >= content.size) {
      if (!memory.takeBytes(size - content.size)) return "ENOSPC";
      content.truncate(size);
    } else {
      const before = content.charged(limit);
      content.truncate(size);
      const kept = Math.min(limit, size);
      if (origin !== undefined) inode.origin = { ...origin, limit: kept };
      // Given back only when they are gone: a stack overflow between the two must not make quota out of nothing.
      memory.takeBytes(content.charged(kept) - before);
    }
    this.#touch(inode);
    return undefined;
  }

  setTimes(times: FileTimes): FileResult<void> {
    if (!this.#usable()) return "EBADF";
    const inode = this.#inode ?? this.#materialize();
    if (typeof inode === "string") return inode;
    applyTimes(inode, times, this.#tree.now());
    return undefined;
  }

  sync(): FileResult<void> {
    return this.#usable() ? undefined : "EBADF";
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#tree.readers.delete(this);
    this.#lower?.close();
    this.#lower = undefined;
    if (this.#inode === undefined) return;
    this.#inode.opens -= 1;
    this.#tree.memory.releaseIfUnused(this.#inode);
  }

  /** The bytes of two versions must not be mixed: if the file below is not the one that was changed, nothing of it is read. */
  readonly #openLower = (): FileResult<FileHandle> => {
    const origin = this.#inode?.origin;
    if (origin === undefined) return "EIO";
    if (this.#lower === undefined) {
      const node = this.#tree.lowerAt(origin.path);
      if (typeof node === "string" || node.kind !== "file") return "EIO";
      const opened = node.open(READ_ONLY);
      if (typeof opened === "string") return opened;
      this.#lower = opened;
    }
    const stat = this.#lower.stat();
    return typeof stat === "string" || !sameVersion(versionOf(stat), origin.version) ? "EIO" : this.#lower;
  };

  #usable(): boolean {
    return this.#open && this.#epoch === this.#tree.memory.epoch;
  }

  #touch(inode: FileInode): void {
    const nowMs = this.#tree.now();
    inode.modifiedMs = nowMs;
    inode.changedMs = nowMs;
  }
}
