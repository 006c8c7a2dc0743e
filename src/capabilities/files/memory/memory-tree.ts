import { FileContent } from "./file-content.ts";
import type { Origin } from "./origin.ts";

interface InodeBase {
  readonly id: number;
  /** The tree's epoch when this was made: a reset leaves older inodes behind, and they refuse to work. */
  epoch: number;
  links: number;
  accessedMs: number;
  modifiedMs: number;
  changedMs: number;
  origin?: Origin | undefined;
}

export interface FileInode extends InodeBase {
  readonly kind: "file";
  content: FileContent;
  /** Open handles: bytes stay counted until the last name and the last handle are gone. */
  opens: number;
}

export interface DirectoryInode extends InodeBase {
  readonly kind: "directory";
  /** A Map, never an object: "__proto__" is just a name. */
  entries: Map<string, Inode>;
  /** Undefined for the root and for a removed directory. */
  parent: DirectoryInode | undefined;
}

export interface SymlinkInode extends InodeBase {
  readonly kind: "symlink";
  readonly target: string;
}

export type Inode = FileInode | DirectoryInode | SymlinkInode;

/** The time of an inode that was made before any sandbox gave a clock. */
export const UNSTAMPED: number = Number.NaN;

export interface TreeImage {
  readonly root: DirectoryInode;
  readonly nextId: number;
  readonly usedBytes: number;
  readonly usedEntries: number;
}

/** The inodes of one memory directory with their quota. Everything that changes a count goes through here. */
export class MemoryTree {
  readonly maxBytes: number;
  readonly maxEntries: number;
  readonly root: DirectoryInode;
  epoch = 0;
  #nextId = 1;
  #usedBytes = 0;
  #usedEntries = 0;

  constructor(maxBytes: number, maxEntries: number) {
    this.maxBytes = maxBytes;
    this.maxEntries = maxEntries;
    this.root = this.newDirectory(UNSTAMPED);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get usedEntries(): number {
    return this.#usedEntries;
  }

  /** Takes `bytes` more (or gives back, if negative); false if the quota forbids it. */
  takeBytes(bytes: number): boolean {
    if (bytes > 0 && this.#usedBytes + bytes > this.maxBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  takeEntry(): boolean {
    if (this.#usedEntries >= this.maxEntries) return false;
    this.#usedEntries += 1;
    return true;
  }

  /** Gives back an entry that no {@link MemoryTree.detach} gives back. */
  returnEntry(): void {
    this.#usedEntries -= 1;
  }

  /** For a rename, which has two names for a moment and may therefore stand one above the quota. */
  takeMovedEntry(): void {
    this.#usedEntries += 1;
  }

  newFile(nowMs: number): FileInode {
    return { kind: "file", content: new FileContent(), opens: 0, ...this.#base(nowMs) };
  }

  newDirectory(nowMs: number): DirectoryInode {
    return { kind: "directory", entries: new Map(), parent: undefined, ...this.#base(nowMs) };
  }

  newSymlink(target: string, nowMs: number): SymlinkInode {
    return { kind: "symlink", target, ...this.#base(nowMs) };
  }

  /** Puts `inode` under `name`, which is free; the caller has taken the entry. */
  attach(directory: DirectoryInode, name: string, inode: Inode, nowMs: number): void {
    this.adopt(directory, name, inode);
    inode.changedMs = nowMs;
    directory.modifiedMs = nowMs;
    directory.changedMs = nowMs;
  }

  /** The same for what was there before as far as a guest can tell: no time changes. */
  adopt(directory: DirectoryInode, name: string, inode: Inode): void {
    directory.entries.set(name, inode);
    inode.links += 1;
    if (inode.kind === "directory") inode.parent = directory;
  }

  /** Takes `name` away and gives back its entry, and its bytes if nothing holds them any more. */
  detach(directory: DirectoryInode, name: string, nowMs: number): void {
    const inode = directory.entries.get(name);
    if (inode === undefined) return;
    directory.entries.delete(name);
    directory.modifiedMs = nowMs;
    directory.changedMs = nowMs;
    inode.links -= 1;
    inode.changedMs = nowMs;
    this.#usedEntries -= 1;
    if (inode.kind === "directory") inode.parent = undefined;
    this.releaseIfUnused(inode);
  }

  releaseIfUnused(inode: Inode): void {
    if (inode.links > 0 || inode.epoch !== this.epoch) return;
    if (inode.kind === "symlink") this.#usedBytes -= chargedBytes(inode);
    if (inode.kind === "file" && inode.opens === 0) {
      const bytes = chargedBytes(inode);
      inode.content = new FileContent();
      this.#usedBytes -= bytes;
    }
  }

  /** Gives everything that has no time yet the time `nowMs`. */
  stamp(nowMs: number): void {
    for (const inode of this.#inodes()) {
      if (Number.isNaN(inode.accessedMs)) inode.accessedMs = nowMs;
      if (Number.isNaN(inode.modifiedMs)) inode.modifiedMs = nowMs;
      if (Number.isNaN(inode.changedMs)) inode.changedMs = nowMs;
    }
  }

  /** The whole state; file bytes are shared until one side writes. */
  capture(): TreeImage {
    return {
      root: copyDirectory(this.root, this.epoch, new Map()),
      nextId: this.#nextId,
      usedBytes: this.#usedBytes - this.#orphanBytes(),
      usedEntries: this.#usedEntries,
    };
  }

  /** Back to `image`, which can be used again. Inodes from before refuse to work, except the root. */
  restore(image: TreeImage): void {
    this.epoch += 1;
    const copy = copyDirectory(image.root, this.epoch, new Map());
    this.root.entries = copy.entries;
    for (const child of copy.entries.values()) if (child.kind === "directory") child.parent = this.root;
    this.root.epoch = this.epoch;
    this.root.accessedMs = copy.accessedMs;
    this.root.modifiedMs = copy.modifiedMs;
    this.root.changedMs = copy.changedMs;
    this.#nextId = image.nextId;
    this.#usedBytes = image.usedBytes;
    this.#usedEntries = image.usedEntries;
  }

  /** The file with this number, if it has a name. */
  fileOf(id: number): FileInode | undefined {
    for (const inode of this.#inodes()) if (inode.id === id && inode.kind === "file") return inode;
    return undefined;
  }

  /** Bytes of files that have no name left but an open handle: not part of an image. */
  #orphanBytes(): number {
    let named = 0;
    for (const inode of this.#inodes()) {
      named += chargedBytes(inode);
    }
    return this.#usedBytes - named;
  }

  #inodes(): Set<Inode> {
    // A Set visits what is added during the visit.
    const seen = new Set<Inode>([this.root]);
    for (const inode of seen) {
      if (inode.kind === "directory") for (const child of inode.entries.values()) seen.add(child);
    }
    return seen;
  }

  #base(nowMs: number): InodeBase {
    const id = this.#nextId;
    this.#nextId += 1;
    return { id, epoch: this.epoch, links: 0, accessedMs: nowMs, modifiedMs: nowMs, changedMs: nowMs };
  }
}

/** What the quota counts for an inode. */
export function chargedBytes(inode: Inode): number {
  if (inode.kind === "symlink") return inode.target.length;
  return inode.kind === "file" ? inode.content.charged(inode.origin?.limit ?? 0) : 0;
}

/** Depth is bounded by the entries, which are bounded: but a chain of 10,000 directories must not recurse, so a work list. */
function copyDirectory(root: DirectoryInode, epoch: number, copies: Map<Inode, Inode>): DirectoryInode {
  const result: DirectoryInode = { ...root, epoch, entries: new Map() };
  const pending: [DirectoryInode, DirectoryInode][] = [[root, result]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [from, to] = pair;
    for (const [name, inode] of from.entries) {
      // A file with two names stays one file.
      let copy = copies.get(inode);
      if (copy === undefined) {
        if (inode.kind === "directory") {
          const directory: DirectoryInode = { ...inode, epoch, entries: new Map(), parent: to };
          pending.push([inode, directory]);
          copy = directory;
        } else {
          copy =
            inode.kind === "file" ? { ...inode, epoch, opens: 0, content: inode.content.share() } : { ...inode, epoch };
        }
        copies.set(inode, copy);
      }
      to.entries.set(name, copy);
    }
  }
  return result;
}
