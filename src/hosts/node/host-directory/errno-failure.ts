import type { Errno, FileResult } from "../../../capabilities/files/file-system.ts";

/** Carries an errno through the code of this folder; never leaves it. */
export class ErrnoFailure extends Error {
  readonly code: Errno;

  constructor(code: Errno) {
    super(code);
    this.name = "ErrnoFailure";
    this.code = code;
  }
}

/** Host errno → guest errno. What is missing here becomes EIO: a guest learns nothing of the host's peculiarities. */
const GUEST_ERRNOS: ReadonlyMap<string, Errno> = new Map([
  ["EACCES", "EACCES"],
  ["EBADF", "EBADF"],
  ["EBUSY", "EBUSY"],
  ["ECANCELED", "EIO"],
  ["EDQUOT", "ENOSPC"],
  ["EEXIST", "EEXIST"],
  ["EFBIG", "EFBIG"],
  ["EINVAL", "EINVAL"],
  ["EIO", "EIO"],
  ["EISDIR", "EISDIR"],
  ["ELOOP", "ELOOP"],
  ["EMFILE", "EMFILE"],
  ["EMLINK", "EMLINK"],
  ["ENAMETOOLONG", "ENAMETOOLONG"],
  ["ENFILE", "EMFILE"],
  ["ENODEV", "EACCES"],
  ["ENOENT", "ENOENT"],
  ["ENOSPC", "ENOSPC"],
  ["ENOSYS", "ENOSYS"],
  ["ENOTDIR", "ENOTDIR"],
  ["ENOTEMPTY", "ENOTEMPTY"],
  ["ENOTSUP", "ENOTSUP"],
  ["ENXIO", "EACCES"],
  ["EOPNOTSUPP", "ENOTSUP"],
  ["EOVERFLOW", "EFBIG"],
  ["EPERM", "EPERM"],
  ["EROFS", "EROFS"],
  ["ETXTBSY", "EBUSY"],
  ["EXDEV", "EXDEV"],
  ["UNKNOWN", "EIO"],
  ["ERR_INVALID_ARG_VALUE", "EINVAL"],
  ["ERR_OUT_OF_RANGE", "EINVAL"],
]);

/** Runs host file work; every failure becomes an errno, without the host path that its message holds. */
export function attempt<T>(work: () => T): FileResult<T> {
  try {
    return work();
  } catch (error) {
    return errnoOf(error);
  }
}

/** What a failure of host file work is for the guest. */
export function errnoOf(error: unknown): Errno {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return (typeof code === "string" ? GUEST_ERRNOS.get(code) : undefined) ?? "EIO";
}
