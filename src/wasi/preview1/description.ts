import type { DirectoryEntry, FileResult, FileStat, FileTimes } from "../../capabilities/files/file-system.ts";
import type { OpenFileState } from "../../capabilities/files/file-view.ts";
import type { OutputStream } from "../../capabilities/output.ts";

/** Node kinds as WASI's `filetype` and Linux's `st_mode` both need them. */
export type DescriptionKind = "file" | "directory" | "device" | "pipe";

/** How a file was opened. */
export interface AccessFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
}

/** A description as JSON data, but for the pipe, which both ends name by the object that they share. */
export type DescriptionState<P = object> =
  | { readonly kind: "input" | "null" | "random" | "lost" }
  | { readonly kind: "output"; readonly stream: OutputStream }
  | { readonly kind: "bytes"; readonly path: string; readonly position: number }
  | { readonly kind: "file"; readonly open: OpenFileState; readonly access: AccessFlags; readonly position: number }
  | { readonly kind: "directory"; readonly open: OpenFileState; readonly position: number }
  | { readonly kind: "pipe"; readonly end: "reader" | "writer"; readonly pipe: P };

/**
 * What a descriptor stands for: an open file, directory, pipe end, stream or device, with its position.
 * Methods answer an errno name for what they can't do. Buffers are views of guest memory: implementations copy.
 */
export interface Description {
  readonly kind: DescriptionKind;
  /** Guest path, for `openat`, `fchdir` and `/dev/fd`; absent for pipes and streams. */
  readonly path?: string;
  readonly access: AccessFlags;
  read(into: Uint8Array): FileResult<number>;
  write(from: Uint8Array): FileResult<number>;
  readAt(into: Uint8Array, position: number): FileResult<number>;
  writeAt(from: Uint8Array, position: number): FileResult<number>;
  /** `whence`: 0 from the start, 1 from here, 2 from the end. Returns the new position. */
  seek(offset: number, whence: number): FileResult<number>;
  stat(): FileResult<FileStat>;
  truncate(size: number): FileResult<void>;
  setTimes(times: FileTimes): FileResult<void>;
  sync(): FileResult<void>;
  /** Up to `limit` directory entries from the cursor on, which stays where it is; `seek(0, 0)` starts afresh. */
  entries(limit: number): FileResult<readonly DirectoryEntry[]>;
  /** Whether a read (a write) would not block. */
  readable(): boolean;
  writable(): boolean;
  setAppend(append: boolean): void;
  /** For a snapshot or a fork; see `restore-descriptors.ts` for the way back. */
  capture(): DescriptionState;
  close(): void;
}

/** The answers of a description that can do nothing; each kind overrides what it can. */
export abstract class BaseDescription implements Description {
  abstract readonly kind: DescriptionKind;
  abstract readonly access: AccessFlags;
  abstract stat(): FileResult<FileStat>;
  abstract capture(): DescriptionState;

  read(_into: Uint8Array): FileResult<number> {
    return "EBADF";
  }
  write(_from: Uint8Array): FileResult<number> {
    return "EBADF";
  }
  readAt(_into: Uint8Array, _position: number): FileResult<number> {
    return "ESPIPE";
  }
  writeAt(_from: Uint8Array, _position: number): FileResult<number> {
    return "ESPIPE";
  }
  seek(_offset: number, _whence: number): FileResult<number> {
    return "ESPIPE";
  }
  truncate(_size: number): FileResult<void> {
    return "EINVAL";
  }
  setTimes(_times: FileTimes): FileResult<void> {
    return "EPERM";
  }
  sync(): FileResult<void> {
    return undefined;
  }
  entries(_limit: number): FileResult<readonly DirectoryEntry[]> {
    return "ENOTDIR";
  }
  readable(): boolean {
    return true;
  }
  writable(): boolean {
    return true;
  }
  setAppend(_append: boolean): void {}
  close(): void {}
}

/** Stat of something that is no file: all zero but for its kind. */
export function streamStat(writable: boolean): FileStat {
  return { kind: "file", size: 0, inode: 0, links: 1, writable, accessedMs: 0, modifiedMs: 0, changedMs: 0 };
}
