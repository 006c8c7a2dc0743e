import type { Errno, FileResult } from "../../../capabilities/files/file-system.ts";
import { failWith } from "../host/failure.ts";

/** `wasi:filesystem/types.error-code`. What has no word of its own there is said by the nearest. */
const ERROR_CODES: Readonly<Record<Errno, string>> = {
  EACCES: "access",
  EBADF: "bad-descriptor",
  EBUSY: "busy",
  EEXIST: "exist",
  EFBIG: "file-too-large",
  EINVAL: "invalid",
  EIO: "io",
  EISDIR: "is-directory",
  ELOOP: "loop",
  EMFILE: "quota",
  EMLINK: "too-many-links",
  ENAMETOOLONG: "name-too-long",
  ENOENT: "no-entry",
  ENOSPC: "insufficient-space",
  ENOSYS: "unsupported",
  ENOTDIR: "not-directory",
  ENOTEMPTY: "not-empty",
  ENOTSUP: "unsupported",
  EPERM: "not-permitted",
  EROFS: "read-only",
  ESPIPE: "invalid-seek",
  EXDEV: "cross-device",
};

export function errorCodeOf(errno: Errno): string {
  return ERROR_CODES[errno];
}

/** The value of a result, or the guest's error. */
export function ok<T>(result: FileResult<T>): Exclude<T, string> {
  if (typeof result === "string") failWith(errorCodeOf(result as Errno));
  return result as Exclude<T, string>;
}
