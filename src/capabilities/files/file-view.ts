import type { DirectoryEntry, FileHandle, FileResult, FileStat, FileTimes } from "./file-system.ts";

/**
 * The one file tree that a sandbox's guests see: absolute or relative guest paths, walked one component at a time
 * over the mount table. Both guests and every WASI codec go through this object.
 *
 * Paths are guest paths ("/data/a.txt"); a relative path starts at `cwd`, which the codec keeps and passes.
 * Symbolic links are resolved here, inside the guest's tree, at most 40 of them (ELOOP).
 */
export interface FileView {
  open(path: string, options: OpenOptions, cwd?: string): FileResult<OpenFile>;
  /** `follow`: whether a symlink in the last component is followed. */
  stat(path: string, follow: boolean, cwd?: string): FileResult<FileStat>;
  list(path: string, cwd?: string): FileResult<readonly DirectoryEntry[]>;
  makeDirectory(path: string, cwd?: string): FileResult<void>;
  removeDirectory(path: string, cwd?: string): FileResult<void>;
  removeFile(path: string, cwd?: string): FileResult<void>;
  rename(from: string, to: string, cwd?: string): FileResult<void>;
  link(from: string, to: string, cwd?: string): FileResult<void>;
  symlink(target: string, path: string, cwd?: string): FileResult<void>;
  readLink(path: string, cwd?: string): FileResult<{ readonly target: string }>;
  setTimes(path: string, times: FileTimes, follow: boolean, cwd?: string): FileResult<void>;
  /** The absolute path without ".", ".." and symlinks; ENOENT if it is not there. For getcwd and realpath. */
  canonicalize(path: string, cwd?: string): FileResult<{ readonly path: string }>;
  /** Opens again what {@link OpenFile.capture} described. The data may be forged: it gives no more than `open` would. */
  reopen(state: OpenFileState): FileResult<OpenFile>;
}

/** An open file or directory as JSON data. */
export interface OpenFileState {
  readonly kind: "file" | "directory";
  readonly path: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  /** What the file's own system said of it. */
  readonly handle?: unknown;
}

export interface OpenOptions {
  readonly read: boolean;
  readonly write: boolean;
  readonly append?: boolean;
  readonly create?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
  /** Fail with ENOTDIR unless it is a directory. */
  readonly directory?: boolean;
  /** Fail with ELOOP if the last component is a symlink. */
  readonly noFollow?: boolean;
}

/** An open file or directory with a path to name it by (for openat, getdents, fchdir). Counts against the handle quota until closed. */
export type OpenFile =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly handle: FileHandle;
      capture(): OpenFileState;
      close(): void;
    }
  | {
      readonly kind: "directory";
      readonly path: string;
      stat(): FileResult<FileStat>;
      list(): FileResult<readonly DirectoryEntry[]>;
      capture(): OpenFileState;
      close(): void;
    };
