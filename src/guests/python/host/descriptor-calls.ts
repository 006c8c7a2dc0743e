import { createPipe } from "../../../wasi/preview1/descriptors/pipe-description.ts";
import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { ERRNO, failed } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";
import { PARK_REQUEST, park } from "./wait-requests.ts";
import { statDescriptor, writeStatFs } from "./path-calls.ts";

/** Syscalls on open descriptors: a negative errno or a result. */
export const descriptorCalls: Readonly<Record<string, HostCall>> = {
  __syscall_fstat64: (host, fd: number, result: number) => statDescriptor(host, fd, result),
  __syscall_fstatfs64: (host, fd: number, _size: number, result: number) =>
    host.descriptors.get(fd) === undefined ? -ERRNO.EBADF : writeStatFs(host, result),
  __syscall_ftruncate64: (host, fd: number, size: bigint) =>
    fd === PARK_REQUEST
      ? park(host, size)
      : onOpen(host, fd, (open) => (size < 0n ? "EINVAL" : open.truncate(Number(size)))),
  __syscall_fallocate: (host, fd: number, _mode: number, offset: bigint, length: bigint) =>
    onOpen(host, fd, (open) => {
      if (offset < 0n || length <= 0n) return "EINVAL";
      const stat = open.stat();
      if (typeof stat === "string") return stat;
      const end = Number(offset + length);
      return end > stat.size ? open.truncate(end) : undefined;
    }),
  __syscall_fadvise64: (host, fd: number) => onOpen(host, fd, () => undefined),
  __syscall_fdatasync: (host, fd: number) => onOpen(host, fd, (open) => open.sync()),
  __syscall_fchmod: (host, fd: number) => onOpen(host, fd, () => undefined),
  __syscall_fchown32: (host, fd: number) => onOpen(host, fd, () => undefined),
  __syscall_fchdir(host, fd: number) {
    const open = host.descriptors.get(fd);
    if (open === undefined) return -ERRNO.EBADF;
    if (open.kind !== "directory" || open.path === undefined) return -ERRNO.ENOTDIR;
    host.cwd = open.path;
    return 0;
  },
  __syscall_dup: (host, fd: number) => number(host.descriptors.duplicate(fd)),
  __syscall_dup3: (host, fd: number, to: number) =>
    fd === to ? -ERRNO.EINVAL : number(host.descriptors.duplicateTo(fd, to)),
  __syscall_pipe(host, result: number) {
    if (!host.memory.has(result, 8)) return -ERRNO.EFAULT;
    const { reader, writer } = createPipe();
    const from = host.descriptors.add(reader);
    if (typeof from === "string") return failed(from);
    const to = host.descriptors.add(writer);
    if (typeof to === "string") {
      host.descriptors.close(from);
      return failed(to);
    }
    host.memory.setU32(result, from);
    host.memory.setU32((result >>> 0) + 4, to);
    return 0;
  },
  __syscall_fcntl64: (host, fd: number, command: number, varargs: number) => control(host, fd, command, varargs),
  __syscall_ioctl: (host, fd: number) => (host.descriptors.get(fd) === undefined ? -ERRNO.EBADF : -ERRNO.ENOTTY),
  __syscall_getdents64: (host, fd: number, buffer: number, size: number) => readEntries(host, fd, buffer, size),
};

function onOpen(
  host: PythonHost,
  fd: number,
  act: (open: NonNullable<ReturnType<PythonHost["descriptors"]["get"]>>) => FileResult<void>,
): number {
  const open = host.descriptors.get(fd);
  const result = open === undefined ? "EBADF" : act(open);
  return typeof result === "string" ? failed(result) : 0;
}

function number(result: FileResult<number>): number {
  return typeof result === "string" ? failed(result) : result;
}

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_GETLK = 12;
const F_SETLK = 13;
const F_SETLKW = 14;
const F_DUPFD_CLOEXEC = 1030;
const F_UNLCK = 2;
const O_APPEND = 1024;

function control(host: PythonHost, fd: number, command: number, varargs: number): number {
  const open = host.descriptors.get(fd);
  if (open === undefined) return -ERRNO.EBADF;
  const argument = host.memory.i32(varargs);
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      if (argument === undefined) return -ERRNO.EFAULT;
      return argument < 0 ? -ERRNO.EINVAL : number(host.descriptors.duplicate(fd, argument));
    case F_GETFD:
    case F_SETFD:
      return 0;
    case F_GETFL:
      return (
        (open.access.read && open.access.write ? 2 : open.access.write ? 1 : 0) | (open.access.append ? O_APPEND : 0)
      );
    case F_SETFL:
      if (argument === undefined) return -ERRNO.EFAULT;
      open.setAppend((argument & O_APPEND) !== 0);
      return 0;
    case F_GETLK:
      // Nobody else is there to hold a lock.
      if (argument === undefined) return -ERRNO.EFAULT;
      return host.memory.setU16(argument, F_UNLCK) ? 0 : -ERRNO.EFAULT;
    case F_SETLK:
    case F_SETLKW:
      return 0;
    default:
      return -ERRNO.EINVAL;
  }
}

/** Emscripten's `struct dirent` has a fixed size. */
const DIRENT_BYTES = 280;
const NAME_BYTES = 255;
const DT_DIR = 4;
const DT_REG = 8;
const DT_LNK = 10;

const encoder = new TextEncoder();

function readEntries(host: PythonHost, fd: number, buffer: number, size: number): number {
  const open = host.descriptors.get(fd);
  if (open === undefined) return -ERRNO.EBADF;
  const room = Math.floor((size >>> 0) / DIRENT_BYTES);
  if (room === 0) return -ERRNO.EINVAL;
  const part = open.entries(room);
  if (typeof part === "string") return failed(part);
  host.charge(part.length * DIRENT_BYTES);
  const start = buffer >>> 0;
  if (!host.memory.clear(start, part.length * DIRENT_BYTES)) return -ERRNO.EFAULT;
  const cursor = open.seek(0, 1);
  if (typeof cursor === "string") return failed(cursor);
  for (const [index, entry] of part.entries()) {
    const at = start + index * DIRENT_BYTES;
    host.memory.setI64(at, entry.inode);
    host.memory.setI64(at + 8, cursor + index + 1);
    host.memory.setU16(at + 16, DIRENT_BYTES);
    host.memory.setU8(at + 18, entry.kind === "directory" ? DT_DIR : entry.kind === "symlink" ? DT_LNK : DT_REG);
    host.memory.write(at + 19, encoder.encode(entry.name).subarray(0, NAME_BYTES));
  }
  open.seek(cursor + part.length, 0);
  return part.length * DIRENT_BYTES;
}
