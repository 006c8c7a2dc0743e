/**
 * The file system interface: nodes and handles, never path strings.
 *
 * A file system hands out its root directory; everything else is reached one name at a time from a directory
 * that is already held, so no implementation ever parses a path. Paths exist only in {@link FileView}
 * (`file-view.ts`), which walks them over the mount table.
 *
 * All methods are synchronous and return an {@link Errno} string instead of throwing: `typeof r === "string"` is the error test.
 */

import type { FileSystemState } from "./file-system-state.ts";

/** POSIX error names that a file operation can end in. */
export type Errno =
  | "EACCES"
  | "EBADF"
  | "EBUSY"
  | "EEXIST"
  | "EFBIG"
  | "EINVAL"
  | "EIO"
  | "EISDIR"
  | "ELOOP"
  | "EMFILE"
  | "EMLINK"
  | "ENAMETOOLONG"
  | "ENOENT"
  | "ENOSPC"
  | "ENOSYS"
  | "ENOTDIR"
  | "ENOTEMPTY"
  | "ENOTSUP"
  | "EPERM"
  | "EROFS"
  | "ESPIPE"
  | "EXDEV";

/** A value, or the name of the error. `T` must not include strings. */
export type FileResult<T> = T | Errno;

export type NodeKind = "file" | "directory" | "symlink";

/** Times are milliseconds since the epoch. `inode` is unique within one sandbox. */
export interface FileStat {
  readonly kind: NodeKind;
  readonly size: number;
  readonly inode: number;
  readonly links: number;
  readonly writable: boolean;
  readonly accessedMs: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
}

export interface FileTimes {
  /** Undefined leaves the time as it is. */
  readonly accessedMs?: number | undefined;
  readonly modifiedMs?: number | undefined;
}

/** `inode` is a hint: it may differ from what `stat` of the entry says. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: NodeKind;
  readonly inode: number;
}

interface NodeBase {
  stat(): FileResult<FileStat>;
  setTimes(times: FileTimes): FileResult<void>;
}

export interface FileNode extends NodeBase {
  readonly kind: "file";
  open(mode: OpenMode): FileResult<FileHandle>;
}

export interface SymlinkNode extends NodeBase {
  readonly kind: "symlink";
  /** The target as written; the caller resolves it inside the guest's own tree. */
  readTarget(): FileResult<{ readonly target: string }>;
}

export interface DirectoryNode extends NodeBase {
  readonly kind: "directory";
  /** `name` is one component: never empty, ".", "..", and never holds "/" or NUL (the caller checks). Does not follow a symlink. */
  lookup(name: string): FileResult<FileSystemNode>;
  list(): FileResult<readonly DirectoryEntry[]>;
  /** Fails with EEXIST if the name is there. */
  createFile(name: string): FileResult<FileNode>;
  createDirectory(name: string): FileResult<DirectoryNode>;
  createSymlink(name: string, target: string): FileResult<SymlinkNode>;
  removeFile(name: string): FileResult<void>;
  removeDirectory(name: string): FileResult<void>;
  /** `to` belongs to the same file system (else EXDEV). Replaces as POSIX rename does. */
  rename(name: string, to: DirectoryNode, toName: string): FileResult<void>;
  /** Makes `toName` in this directory another name of `node`. */
  link(node: FileNode | SymlinkNode, toName: string): FileResult<void>;
}

export type FileSystemNode = FileNode | DirectoryNode | SymlinkNode;

export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly truncate: boolean;
}

/** An open file. Buffers may be views of guest memory: implementations copy. */
export interface FileHandle {
  stat(): FileResult<FileStat>;
  /** Reads up to `into.length` bytes from `position`; returns the count, 0 at the end only. May end short (a view moves at most 4 MiB a call). */
  read(into: Uint8Array, position: number): FileResult<number>;
  /** Writes from `position` (at the end if opened for append); returns the count, which may be short. */
  write(from: Uint8Array, position: number): FileResult<number>;
  truncate(size: number): FileResult<void>;
  setTimes(times: FileTimes): FileResult<void>;
  sync(): FileResult<void>;
  close(): void;
  /**
   * What {@link FileSystem.reopen} needs to open the same file again, as JSON data; for files that their path may not lead
   * to any more. Absent: the path has to do.
   */
  capture?(): unknown;
}

/** What a file system may use of the sandbox that mounts it. */
export interface FileSystemContext {
  /** Wall time of the sandbox's clock, in milliseconds since the epoch: stamps what the guest makes and changes. */
  now(): number;
  /** Takes fuel for work that {@link FileSystem.costs} does not cover; false: do not do it, answer EIO. */
  charge?(units: number): boolean;
  /** For a file system over another one: tells the caller of the sandbox what the other one did that it may not. */
  fault?(operation: string, why: string, cause?: unknown): void;
}

/** What the file view charges for work done here, in fuel units; see `file-charges.ts` for the defaults. */
export interface FileCosts {
  /** For each call to a node: lookup, stat, open, list. */
  readonly operationUnits: number;
  /** On top of it when something is made, removed, renamed or linked. */
  readonly changeUnits: number;
  /** On top of it for each entry that a listing returns. */
  readonly entryUnits: number;
  /** For each call to an open file. */
  readonly handleUnits: number;
  /** On top of it for each byte read or written. */
  readonly byteUnits: number;
}

/** What a mount point takes: `memoryDirectory(…)`, `hostDirectory(…)` or a custom one. */
export interface FileSystem {
  readonly kind: string;
  readonly writable: boolean;
  readonly costs?: FileCosts;
  /**
   * Called once per sandbox, before anything runs. The node stays valid across {@link FileSystem.reset}.
   *
   * @throws WardianError `invalid-mount`, with a message that names what is wrong and not the mount point.
   */
  root(context?: FileSystemContext): DirectoryNode;
  /**
   * The root for the sandbox's owner, who may change what the guest may only read. Called while it is mounted. Absent: the
   * owner may do what the guest may.
   */
  ownerRoot?(): DirectoryNode;
  /** Called at the end of every operation of a file view: a good moment to close what nodes (not handles) hold open. */
  settle?(): void;
  /** Puts the content back to what it was when the sandbox was created, if the file system can (memory: yes; host: no). */
  reset?(): void;
  /** Opens what a handle of this file system captured, in a restored or forked sandbox. The data may be forged: EIO for what makes no sense. */
  reopen?(captured: unknown, mode: OpenMode): FileResult<FileHandle>;
  /** The content as plain data, for snapshots and forks; of an overlay, the changes. Open files are not part of it. */
  capture?(): FileSystemState;
  /**
   * Puts a captured content in place of the present one; open files answer EBADF from then on. {@link FileSystem.reset}
   * still goes back to the creation of the sandbox.
   *
   * @throws WardianError `invalid-value` if the state is not sound or does not fit the quotas; nothing is changed then
   */
  restore?(state: FileSystemState): void;
  /**
   * How the same directory is had on another thread or in another process: of a memory directory a copy, of a host's the
   * way there. Absent or undefined: it can't be had elsewhere.
   */
  portable?(): PortableFileSystem | undefined;
  /** One of its own for a fork, as this one was when the sandbox was created. Absent: a sandbox and its forks share this one. */
  fork?(): FileSystem;
  /** Releases what is held of the host. */
  dispose?(): void;
}

/** A directory as plain data. */
export type PortableFileSystem =
  | {
      readonly kind: "memory";
      readonly maxBytes: number;
      readonly maxEntries: number;
      readonly mode: "read-only" | "read-write";
      readonly state: FileSystemState;
    }
  /** `options` are those of the platform's own `hostDirectory`, with an absolute path; `state` the changes of an overlay. */
  | { readonly kind: "host"; readonly options: object; readonly state?: FileSystemState }
  | {
      readonly kind: "overlay";
      readonly over: PortableFileSystem;
      readonly maxBytes: number;
      readonly maxEntries: number;
      readonly state: FileSystemState;
    };
