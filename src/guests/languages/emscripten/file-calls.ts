import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { FileDescription } from "../../../wasi/preview1/descriptors/file-description.ts";
import { DirectoryDescription } from "../../../wasi/preview1/descriptors/directory-description.ts";
import { deviceAt } from "../../../wasi/preview1/devices.ts";
import type { Description } from "../../../wasi/preview1/description.ts";
import { ERRNO, errnoOf } from "../../../wasi/preview1/errno.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS, RIGHT, WRITING_RIGHTS } from "../../../wasi/preview1/host/rights.ts";
import {
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../linux-flags.ts";
import { writeStat } from "../../python/host/stat-codec.ts";
import type { ImportCall, LiveInterpreter } from "../interpreter/interpreter.ts";
import { pathAt, ROOT } from "./emscripten-path.ts";

/**
 * The syscalls of Emscripten's C library on files, over the same descriptors as preview 1: reading, writing and seeking are
 * preview 1's own. They answer a result or a negative errno, which Emscripten numbers as preview 1 does.
 */
export const fileCalls: ReadonlyMap<string, ImportCall> = new Map<string, ImportCall>([
  [
    "env.__syscall_openat",
    (live, directory: number, path: number, flags: number) =>
      onPath(live, directory, path, (text) => openAt(live, text, flags)),
  ],
  ["env.__syscall_stat64", (live, path: number, result: number) => statPath(live, CWD, path, result, true)],
  ["env.__syscall_lstat64", (live, path: number, result: number) => statPath(live, CWD, path, result, false)],
  [
    "env.__syscall_newfstatat",
    (live, directory: number, path: number, result: number, flags: number) =>
      statPath(live, directory, path, result, (flags & AT_SYMLINK_NOFOLLOW) === 0),
  ],
  ["env.__syscall_fstat64", (live, fd: number, result: number) => statOpen(live, fd, result)],
  [
    "env.__syscall_faccessat",
    (live, directory: number, path: number, mode: number) =>
      onPath(live, directory, path, (text) => {
        const stat = deviceAt(live.host.devices, text, ROOT)?.stat ?? files(live).stat(text, true, ROOT);
        if (typeof stat === "string") return -errnoOf(stat);
        return (mode & W_OK) !== 0 && !stat.writable ? -ERRNO.EACCES : 0;
      }),
  ],
  [
    "env.__syscall_mkdirat",
    (live, directory: number, path: number) =>
      onPath(live, directory, path, (text) => done(files(live).makeDirectory(text, ROOT))),
  ],
  [
    "env.__syscall_rmdir",
    (live, path: number) => onPath(live, CWD, path, (text) => done(files(live).removeDirectory(text, ROOT))),
  ],
  [
    "env.__syscall_unlinkat",
    (live, directory: number, path: number, flags: number) =>
      onPath(live, directory, path, (text) =>
        done(
          (flags & AT_REMOVEDIR) === 0 ? files(live).removeFile(text, ROOT) : files(live).removeDirectory(text, ROOT),
        ),
      ),
  ],
  [
    "env.__syscall_renameat",
    (live, fromDirectory: number, from: number, toDirectory: number, to: number) =>
      onPath(live, fromDirectory, from, (source) =>
        onPath(live, toDirectory, to, (target) => done(files(live).rename(source, target, ROOT))),
      ),
  ],
  [
    "env.__syscall_readlinkat",
    (live, directory: number, path: number, buffer: number, size: number) =>
      onPath(live, directory, path, (text) => {
        const link = files(live).readLink(text, ROOT);
        if (typeof link === "string") return -errnoOf(link);
        const bytes = encoder.encode(link.target).subarray(0, size >>> 0);
        return live.memory.write(buffer, bytes) ? bytes.length : -ERRNO.EFAULT;
      }),
  ],
  [
    "env.__syscall_getcwd",
    (live, buffer: number, size: number) => {
      const bytes = encoder.encode(`${ROOT}\0`);
      if (bytes.length > size >>> 0) return -ERRNO.ERANGE;
      return live.memory.write(buffer, bytes) ? bytes.length : -ERRNO.EFAULT;
    },
  ],
  [
    "env.__syscall_ftruncate64",
    (live, fd: number, size: bigint) => onOpen(live, fd, (open) => done(open.truncate(Number(size)))),
  ],
  // Modes, owners and locks are not kept; nobody else is there to hold a lock.
  ["env.__syscall_chmod", () => 0],
  ["env.__syscall_fchmod", () => 0],
  ["env.__syscall_fchown32", () => 0],
  ["env.__syscall_utimensat", () => 0],
  [
    "env.__syscall_fcntl64",
    (live, fd: number, command: number, varargs: number) => control(live, fd, command, varargs),
  ],
  ["env.__syscall_ioctl", (live, fd: number) => onOpen(live, fd, () => -ERRNO.ENOTTY)],
  ["env.__syscall_dup3", () => -ERRNO.ENOSYS],
]);

const CWD = -100;
const W_OK = 2;
const F_GETLK = 12;
const F_UNLCK = 2;

const encoder = new TextEncoder();

function files({ host }: LiveInterpreter): LiveInterpreter["host"]["powers"]["files"] {
  return host.powers.files;
}

function done(result: FileResult<unknown>): number {
  return typeof result === "string" ? -errnoOf(result as Parameters<typeof errnoOf>[0]) : 0;
}

function onPath(live: LiveInterpreter, directory: number, address: number, act: (path: string) => number): number {
  const path = pathAt(live, directory, address);
  return typeof path === "number" ? path : act(path);
}

function onOpen(live: LiveInterpreter, fd: number, act: (open: Description) => number): number {
  const open = live.host.descriptors.get(fd);
  return open === undefined ? -ERRNO.EBADF : act(open.description);
}

function openAt(live: LiveInterpreter, path: string, flags: number): number {
  const write = (flags & (O_WRONLY | O_RDWR)) !== 0;
  const read = (flags & O_WRONLY) === 0;
  const device = deviceAt(live.host.devices, path, ROOT);
  if (device !== undefined) {
    if (write && device.kind === "file") return -ERRNO.EROFS;
    return place(live, device.open(), FILE_RIGHTS);
  }
  const append = (flags & O_APPEND) !== 0;
  const open = files(live).open(
    path,
    {
      read,
      write,
      append,
      create: (flags & O_CREAT) !== 0,
      exclusive: (flags & O_EXCL) !== 0,
      truncate: (flags & O_TRUNC) !== 0,
      directory: (flags & O_DIRECTORY) !== 0,
      noFollow: (flags & O_NOFOLLOW) !== 0,
    },
    ROOT,
  );
  if (typeof open === "string") return -errnoOf(open);
  if (open.kind === "directory") return place(live, new DirectoryDescription(open), DIRECTORY_RIGHTS);
  const rights = (write ? FILE_RIGHTS : FILE_RIGHTS & ~WRITING_RIGHTS) & (read ? FILE_RIGHTS : ~RIGHT.FD_READ);
  return place(live, new FileDescription(open, { read, write, append }), rights);
}

function place({ host }: LiveInterpreter, description: Description, base: bigint): number {
  const fd = host.descriptors.add({ description, base, inheriting: 0n, flags: 0 });
  return typeof fd === "string" ? -errnoOf(fd) : fd;
}

function statPath(live: LiveInterpreter, directory: number, path: number, result: number, follow: boolean): number {
  return onPath(live, directory, path, (text) => {
    // fstatat with AT_EMPTY_PATH.
    if (text === "") return statOpen(live, directory, result);
    const device = deviceAt(live.host.devices, text, ROOT);
    const stat = device?.stat ?? files(live).stat(text, follow, ROOT);
    if (typeof stat === "string") return -errnoOf(stat);
    return writeStat(live.memory, result, stat, device?.kind) ? 0 : -ERRNO.EFAULT;
  });
}

function statOpen(live: LiveInterpreter, fd: number, result: number): number {
  return onOpen(live, fd, (open) => {
    const stat = open.stat();
    if (typeof stat === "string") return -errnoOf(stat);
    return writeStat(live.memory, result, stat, open.kind) ? 0 : -ERRNO.EFAULT;
  });
}

function control(live: LiveInterpreter, fd: number, command: number, varargs: number): number {
  return onOpen(live, fd, () => {
    if (command !== F_GETLK) return 0;
    const lock = live.memory.u32(varargs);
    return lock !== undefined && live.memory.setU16(lock, F_UNLCK) ? 0 : -ERRNO.EFAULT;
  });
}
