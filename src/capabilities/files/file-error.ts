import { WardianError } from "../../errors.ts";
import type { Errno } from "./file-system.ts";

/** A file could not be read or changed from the host's side. Its `code` is "file". */
export class FileError extends WardianError {
  readonly errno: Errno;
  /** As the caller wrote it. */
  readonly path: string;

  constructor(action: string, path: string, errno: Errno, why: string = WORDS[errno]) {
    super("file", `Cannot ${action} ${JSON.stringify(path)}: ${why} (${errno})`);
    this.name = "FileError";
    this.errno = errno;
    this.path = path;
  }
}

const WORDS: Readonly<Record<Errno, string>> = {
  EACCES: "it may not be used",
  EBADF: "it is closed",
  EBUSY: "it is in use",
  EEXIST: "it is there already",
  EFBIG: "it would be larger than the quota allows",
  EINVAL: "the path or the operation makes no sense",
  EIO: "the file system failed",
  EISDIR: "it is a directory",
  ELOOP: "it leads through too many symbolic links",
  EMFILE: "too many files are open",
  EMLINK: "it has too many names",
  ENAMETOOLONG: "the path is too long",
  ENOENT: "it does not exist",
  ENOSPC: "the quota or the disk is full",
  ENOSYS: "the file system does not do that",
  ENOTDIR: "a part of it is not a directory",
  ENOTEMPTY: "the directory is not empty",
  ENOTSUP: "the file system does not do that",
  EPERM: "the file system does not allow it",
  EROFS: "the mount is read-only",
  ESPIPE: "it has no positions",
  EXDEV: "it leads into another mount",
};
