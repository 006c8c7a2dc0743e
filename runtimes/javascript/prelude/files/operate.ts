/** One operation on the sandbox's files, and the errors that Node would give for it. */
import { mapGet, SafeError, SafeMap, sliceText, startsWith, stringify, toText } from "../intrinsics.ts";
import { fileOperation } from "../native.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";

const REASONS = new SafeMap<string, readonly [number, string]>([
  ["EACCES", [13, "permission denied"]],
  ["EBADF", [9, "bad file descriptor"]],
  ["EBUSY", [16, "resource busy or locked"]],
  ["EEXIST", [17, "file already exists"]],
  ["EFBIG", [27, "file too large"]],
  ["EINVAL", [22, "invalid argument"]],
  ["EIO", [5, "i/o error"]],
  ["EISDIR", [21, "illegal operation on a directory"]],
  ["ELOOP", [40, "too many symbolic links encountered"]],
  ["EMFILE", [24, "too many open files"]],
  ["EMLINK", [31, "too many links"]],
  ["ENAMETOOLONG", [36, "name too long"]],
  ["ENOENT", [2, "no such file or directory"]],
  ["ENOSPC", [28, "no space left on device"]],
  ["ENOSYS", [38, "function not implemented"]],
  ["ENOTDIR", [20, "not a directory"]],
  ["ENOTEMPTY", [39, "directory not empty"]],
  ["ENOTSUP", [95, "operation not supported"]],
  ["EPERM", [1, "operation not permitted"]],
  ["EROFS", [30, "read-only file system"]],
  ["EXDEV", [18, "cross-device link not permitted"]],
]);

export function failure(code: string, call: string, path: string, to?: string): Error {
  const [errno, reason] = mapGet(REASONS, code) ?? [5, "i/o error"];
  const error = new SafeError(`${code}: ${reason}, ${call} '${path}'${to === undefined ? "" : ` -> '${to}'`}`);
  return Object.assign(error, { errno: -errno, code, syscall: call, path, ...(to === undefined ? {} : { dest: to }) });
}

export function operate(
  operation: number,
  call: string,
  args: readonly unknown[],
  data?: ArrayBuffer,
): string | ArrayBuffer | undefined {
  const reply = fileOperation(operation, stringify(args) as string, data);
  if (typeof reply === "string" && startsWith(reply, "!"))
    throw failure(
      sliceText(reply, 1),
      call,
      toText(args[0]),
      typeof args[1] === "string" &&
        (operation === FILE_OPERATION.rename ||
          operation === FILE_OPERATION.link ||
          operation === FILE_OPERATION.symlink)
        ? args[1]
        : undefined,
    );
  return reply;
}
