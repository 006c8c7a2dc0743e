import type { Errno } from "../../capabilities/files/file-system.ts";

/** WASI preview 1 error numbers (https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno), which Emscripten's musl shares. */
export const ERRNO = {
  SUCCESS: 0,
  E2BIG: 1,
  EACCES: 2,
  EAFNOSUPPORT: 5,
  EAGAIN: 6,
  EBADF: 8,
  EBUSY: 10,
  ECHILD: 12,
  EDEADLK: 16,
  EEXIST: 20,
  EFAULT: 21,
  EFBIG: 22,
  EILSEQ: 25,
  EINTR: 27,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  ENAMETOOLONG: 37,
  ENODEV: 43,
  ENOENT: 44,
  ENOMEM: 48,
  ENOSPC: 51,
  ENOSYS: 52,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENOTSOCK: 57,
  ENOTSUP: 58,
  ENOTTY: 59,
  EPERM: 63,
  EPIPE: 64,
  ERANGE: 68,
  EROFS: 69,
  ESPIPE: 70,
  EXDEV: 75,
  ENOTCAPABLE: 76,
} as const;

const byName: ReadonlyMap<string, number> = new Map(Object.entries(ERRNO));

/** The number of an error that a file system answered with; EIO for one that is not known here. */
export function errnoOf(error: Errno): number {
  return byName.get(error) ?? ERRNO.EIO;
}
