import type { FileHandle, FileResult, FileStat, FileTimes, OpenMode } from "../file-system.ts";
import type { FileInode, MemoryTree } from "./memory-tree.ts";
import type { ChunkState } from "../file-system-state.ts";
import { applyTimes, statOf } from "./inode-stat.ts";

/** An open memory file as plain data: by its number, with its content if it has no name any more. */
export interface CapturedHandle {
  readonly inode: number;
  readonly size?: number;
  readonly chunks?: readonly ChunkState[];
}

/** An open memory file. It outlives its name, not a reset of its tree. */
export class MemoryHandle implements FileHandle {
  readonly #tree: MemoryTree;
  readonly #inode: FileInode;
  readonly #mode: OpenMode;
  readonly #writable: boolean;
  readonly #now: () => number;
  #open = true;

  constructor(tree: MemoryTree, inode: FileInode, mode: OpenMode, writable: boolean, now: () => number) {
    this.#tree = tree;
    this.#inode = inode;
    this.#mode = mode;
    this.#writable = writable;
    this.#now = now;
    inode.opens += 1;
  }

  stat(): FileResult<FileStat> {
    return this.#usable() ? statOf(this.#inode, this.#writable) : "EBADF";
  }

  read(into: Uint8Array, position: number): FileResult<number> {
    if (!this.#usable() || !this.#mode.read) return "EBADF";
    return this.#inode.content.read(into, position);
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    if (!this.#usable() || !this.#mode.write) return "EBADF";
    const { content } = this.#inode;
    const start = this.#mode.append ? content.size : position;
    const grown = this.#grow(from.length === 0 ? content.size : start + from.length);
    if (grown !== undefined) return grown;
    content.write(from, start);
    this.#touch();
    return from.length;
  }

  truncate(size: number): FileResult<void> {
    if (!this.#usable() || !this.#mode.write) return "EBADF";
    const grown = this.#grow(size);
    if (grown !== undefined) return grown;
    const before = this.#inode.content.size;
    this.#inode.content.truncate(size);
    // Given back only when they are gone: a stack overflow between the two must not make quota out of nothing.
    if (size < before) this.#tree.takeBytes(size - before);
    this.#touch();
    return undefined;
  }

  setTimes(times: FileTimes): FileResult<void> {
    if (!this.#usable()) return "EBADF";
    if (!this.#writable) return "EROFS";
    applyTimes(this.#inode, times, this.#now());
    return undefined;
  }

  sync(): FileResult<void> {
    return this.#usable() ? undefined : "EBADF";
  }

  capture(): CapturedHandle {
    const { id, links, content } = this.#inode;
    // What has no name left is no part of the tree's own image.
    return links > 0 ? { inode: id } : { inode: id, size: content.size, chunks: content.chunks() };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#inode.opens -= 1;
    this.#tree.releaseIfUnused(this.#inode);
  }

  #usable(): boolean {
    return this.#open && this.#inode.epoch === this.#tree.epoch;
  }

  /** Counts the growth to `size`: EFBIG if no quota of this directory could ever hold it, ENOSPC if it is full. */
  #grow(size: number): "EFBIG" | "ENOSPC" | undefined {
    if (size > this.#tree.maxBytes) return "EFBIG";
    const growth = size - this.#inode.content.size;
    return growth > 0 && !this.#tree.takeBytes(growth) ? "ENOSPC" : undefined;
  }

  #touch(): void {
    const nowMs = this.#now();
    this.#inode.modifiedMs = nowMs;
    this.#inode.changedMs = nowMs;
  }
}
