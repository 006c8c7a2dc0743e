import { DirectoryDescription } from "../../../wasi/preview1/descriptors/directory-description.ts";
import { FileDescription } from "../../../wasi/preview1/descriptors/file-description.ts";
import type { FileResult, FileTimes } from "../../../capabilities/files/file-system.ts";
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
import { guestPath, guestText } from "./guest-path.ts";
import type { GuestPath } from "./guest-path.ts";
import { internalFile } from "./internal-files.ts";
import { ERRNO, failed } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";
import { writeStat } from "./stat-codec.ts";

/** Path syscalls of Emscripten's musl: a negative errno or a result. */
export const pathCalls: Readonly<Record<string, HostCall>> = {
  __syscall_openat: (host, directory: number, path: number, flags: number) =>
    onPath(host, path, directory, (at) => openAt(host, at, flags)),
  __syscall_stat64: (host, path: number, result: number) =>
    onPath(host, path, undefined, (at) => statAt(host, at, result, true)),
  __syscall_lstat64: (host, path: number, result: number) =>
    onPath(host, path, undefined, (at) => statAt(host, at, result, false)),
  __syscall_newfstatat(host, directory: number, path: number, result: number, flags: number) {
    if ((flags & AT_EMPTY_PATH) !== 0 && host.memory.u8(path) === 0) return statDescriptor(host, directory, result);
    return onPath(host, path, directory, (at) => statAt(host, at, result, (flags & AT_SYMLINK_NOFOLLOW) === 0));
  },
  __syscall_faccessat: (host, directory: number, path: number, mode: number) =>
    onPath(host, path, directory, (at) => access(host, at, mode)),
  __syscall_mkdirat: (host, directory: number, path: number) =>
    change(host, path, directory, (at) => files(host).makeDirectory(at.path, at.cwd)),
  __syscall_rmdir: (host, path: number) =>
    change(host, path, undefined, (at) => files(host).removeDirectory(at.path, at.cwd)),
  __syscall_unlinkat: (host, directory: number, path: number, flags: number) =>
    change(host, path, directory, (at) =>
      (flags & AT_REMOVEDIR) === 0
        ? files(host).removeFile(at.path, at.cwd)
        : files(host).removeDirectory(at.path, at.cwd),
    ),
  __syscall_renameat: (host, fromDirectory: number, from: number, toDirectory: number, to: number) =>
    change(host, from, fromDirectory, (source) => {
      const target = guestPath(host, to, toDirectory);
      if (typeof target === "number") return target;
      if (internalFile(host, target) !== undefined) return "EROFS";
      const absolute = absoluteFrom(target);
      // Both paths start from one directory in the view: the target is made absolute when it starts elsewhere.
      return files(host).rename(source.path, target.cwd === source.cwd ? target.path : absolute, source.cwd);
    }),
  __syscall_symlinkat: (host, target: number, directory: number, path: number) => {
    const text = guestText(host, target);
    if (typeof text === "number") return text;
    return change(host, path, directory, (at) => files(host).symlink(text, at.path, at.cwd));
  },
  __syscall_readlinkat: (host, directory: number, path: number, buffer: number, size: number) =>
    onPath(host, path, directory, (at) => {
      if (internalFile(host, at) !== undefined) return -ERRNO.EINVAL;
      const link = files(host).readLink(at.path, at.cwd);
      if (typeof link === "string") return failed(link);
      const bytes = encoder.encode(link.target).subarray(0, size >>> 0);
      return host.memory.write(buffer, bytes) ? bytes.length : -ERRNO.EFAULT;
    }),
  __syscall_utimensat: (host, directory: number, path: number, times: number, flags: number) => {
    const wanted = readTimes(host, times);
    if (typeof wanted === "number") return wanted;
    // futimens passes no path.
    if (path === 0) {
      const open = host.descriptors.get(directory);
      return done(open === undefined ? "EBADF" : open.setTimes(wanted));
    }
    return change(host, path, directory, (at) =>
      files(host).setTimes(at.path, wanted, (flags & AT_SYMLINK_NOFOLLOW) === 0, at.cwd),
    );
  },
  __syscall_truncate64: (host, path: number, size: bigint) =>
    change(host, path, undefined, (at) => {
      const open = files(host).open(at.path, { read: false, write: true }, at.cwd);
      if (typeof open === "string") return open;
      const result = open.kind === "file" ? open.handle.truncate(Number(size)) : "EISDIR";
      open.close();
      return result;
    }),
  __syscall_chdir: (host, path: number) =>
    onPath(host, path, undefined, (at) => {
      const real = files(host).canonicalize(at.path, at.cwd);
      if (typeof real === "string") return failed(real);
      const stat = files(host).stat(real.path, true);
      if (typeof stat === "string") return failed(stat);
      if (stat.kind !== "directory") return -ERRNO.ENOTDIR;
      host.cwd = real.path;
      return 0;
    }),
  __syscall_getcwd(host, buffer: number, size: number) {
    const bytes = encoder.encode(`${host.cwd}\0`);
    if (bytes.length > size >>> 0) return -ERRNO.ERANGE;
    return host.memory.write(buffer, bytes) ? bytes.length : -ERRNO.EFAULT;
  },
  // Modes and owners are not kept: setting them succeeds where the file may be changed at all.
  __syscall_chmod: (host, path: number) => owned(host, path, undefined),
  __syscall_fchmodat2: (host, directory: number, path: number) => owned(host, path, directory),
  __syscall_fchownat: (host, directory: number, path: number) => owned(host, path, directory),
  __syscall_mknodat: (host, directory: number, path: number) =>
    onPath(host, path, directory, (at) => {
      host.capabilities.denials.note("files.makeNode", at.path, "EPERM");
      return -ERRNO.EPERM;
    }),
  __syscall_statfs64: (host, path: number, _size: number, result: number) =>
    onPath(host, path, undefined, (at) => {
      const stat = internalFile(host, at)?.stat ?? files(host).stat(at.path, true, at.cwd);
      return typeof stat === "string" ? failed(stat) : writeStatFs(host, result);
    }),
};

const AT_EMPTY_PATH = 4_096;

const encoder = new TextEncoder();

function files(host: PythonHost): PythonHost["capabilities"]["files"] {
  return host.capabilities.files;
}

function onPath(host: PythonHost, path: number, directory: number | undefined, act: (at: GuestPath) => number): number {
  const at = guestPath(host, path, directory);
  return typeof at === "number" ? at : act(at);
}

/** For calls that would change what a path names: never an internal file. */
function change(
  host: PythonHost,
  path: number,
  directory: number | undefined,
  act: (at: GuestPath) => FileResult<void> | number,
): number {
  return onPath(host, path, directory, (at) => {
    if (internalFile(host, at) !== undefined) return -ERRNO.EROFS;
    const result = act(at);
    return typeof result === "number" ? result : done(result);
  });
}

function done(result: FileResult<void>): number {
  return typeof result === "string" ? failed(result) : 0;
}

function openAt(host: PythonHost, at: GuestPath, flags: number): number {
  const write = (flags & (O_WRONLY | O_RDWR)) !== 0;
  const access = { read: (flags & O_WRONLY) === 0, write, append: (flags & O_APPEND) !== 0 };
  const internal = internalFile(host, at);
  if (internal !== undefined) {
    if (write && !internal.device) return -ERRNO.EROFS;
    if ((flags & O_DIRECTORY) !== 0) return -ERRNO.ENOTDIR;
    if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) return -ERRNO.EEXIST;
    return placed(host.descriptors.add(internal.open()));
  }
  const open = files(host).open(
    at.path,
    {
      read: access.read,
      write,
      append: access.append,
      create: (flags & O_CREAT) !== 0,
      exclusive: (flags & O_EXCL) !== 0,
      truncate: (flags & O_TRUNC) !== 0,
      directory: (flags & O_DIRECTORY) !== 0,
      noFollow: (flags & O_NOFOLLOW) !== 0,
    },
    at.cwd,
  );
  if (typeof open === "string") return failed(open);
  const description = open.kind === "file" ? new FileDescription(open, access) : new DirectoryDescription(open);
  return placed(host.descriptors.add(description));
}

function placed(fd: FileResult<number>): number {
  return typeof fd === "string" ? failed(fd) : fd;
}

function statAt(host: PythonHost, at: GuestPath, result: number, follow: boolean): number {
  const internal = internalFile(host, at);
  const stat = internal?.stat ?? files(host).stat(at.path, follow, at.cwd);
  if (typeof stat === "string") return failed(stat);
  return writeStat(host.memory, result, stat, internal?.device === true ? "device" : undefined) ? 0 : -ERRNO.EFAULT;
}

/** `fstat` and its like. */
export function statDescriptor(host: PythonHost, fd: number, result: number): number {
  const open = host.descriptors.get(fd);
  if (open === undefined) return -ERRNO.EBADF;
  const stat = open.stat();
  if (typeof stat === "string") return failed(stat);
  return writeStat(host.memory, result, stat, open.kind) ? 0 : -ERRNO.EFAULT;
}

const W_OK = 2;

function access(host: PythonHost, at: GuestPath, mode: number): number {
  const stat = internalFile(host, at)?.stat ?? files(host).stat(at.path, true, at.cwd);
  if (typeof stat === "string") return failed(stat);
  return (mode & W_OK) !== 0 && !stat.writable ? -ERRNO.EACCES : 0;
}

function owned(host: PythonHost, path: number, directory: number | undefined): number {
  return change(host, path, directory, (at) => {
    const stat = files(host).stat(at.path, true, at.cwd);
    if (typeof stat === "string") return stat;
    if (stat.writable) return undefined;
    host.capabilities.denials.note("files.setOwner", at.path, "EROFS");
    return "EROFS";
  });
}

function absoluteFrom({ path, cwd }: GuestPath): string {
  return path.startsWith("/") ? path : `${cwd === "/" ? "" : cwd}/${path}`;
}

const UTIME_NOW = 0x3fff_ffff;
const UTIME_OMIT = 0x3fff_fffe;

/** Reads two `timespec`s; without them both times are now. */
function readTimes(host: PythonHost, address: number): FileTimes | number {
  const now = host.capabilities.clock.now();
  if (address === 0) return { accessedMs: now, modifiedMs: now };
  const accessed = readTime(host, address, now);
  const modified = readTime(host, (address >>> 0) + 16, now);
  if (accessed === "fault" || modified === "fault") return -ERRNO.EFAULT;
  return { accessedMs: accessed, modifiedMs: modified };
}

function readTime(host: PythonHost, address: number, now: number): number | undefined | "fault" {
  const seconds = host.memory.i64(address);
  const nanoseconds = host.memory.i32((address >>> 0) + 8);
  if (seconds === undefined || nanoseconds === undefined) return "fault";
  if (nanoseconds === UTIME_NOW) return now;
  if (nanoseconds === UTIME_OMIT) return undefined;
  return Number(seconds) * 1000 + nanoseconds / 1e6;
}

const STATFS_BYTES = 72;

/** Fixed figures: a guest learns nothing of the host's discs. Offsets are those of musl's `struct statfs` on wasm32. */
export function writeStatFs(host: PythonHost, result: number): number {
  const at = result >>> 0;
  if (!host.memory.clear(at, STATFS_BYTES)) return -ERRNO.EFAULT;
  host.memory.setU32(at + 4, 4_096);
  host.memory.setI64(at + 8, 16_384);
  host.memory.setI64(at + 16, 8_192);
  host.memory.setI64(at + 24, 8_192);
  host.memory.setI64(at + 32, 10_000);
  host.memory.setI64(at + 40, 5_000);
  host.memory.setU32(at + 56, 255);
  host.memory.setU32(at + 60, 4_096);
  return 0;
}
