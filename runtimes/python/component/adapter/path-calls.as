import { add, LIBRARY, newDescription, NODE, NULL_DEVICE, opened, RANDOM_DEVICE } from "./descriptors";
import { EACCES, EBADF, EEXIST, EINVAL, ENOTDIR, ERANGE, EROFS, errnoOf } from "./errno";
import { copyOf, pathBuffer, release, result } from "./memory";
import { enterDirectory, internal, LIBRARY_PATH, NULL_PATH, ORDINARY, resolve, root, writeDirectory } from "./paths";
import { statOpen, statPath, TYPE_DIRECTORY, writeStatFs } from "./stat";
import {
  createDirectoryAt, dropDescriptor, openAt, readlinkAt, removeDirectoryAt, renameAt, setSize, setTimes, setTimesAt, statAt,
  symlinkAt, unlinkFileAt,
} from "./wasi";

const AT_FDCWD: i32 = -100;
const AT_SYMLINK_NOFOLLOW: i32 = 256;
const AT_REMOVEDIR: i32 = 512;
const AT_EMPTY_PATH: i32 = 4_096;

const O_CREAT: i32 = 64;
const O_EXCL: i32 = 128;
const O_TRUNC: i32 = 512;
const O_APPEND: i32 = 1_024;
const O_DIRECTORY: i32 = 65_536;
const O_NOFOLLOW: i32 = 131_072;

// Of `open-flags` and `descriptor-flags`.
const CREATE: i32 = 1;
const DIRECTORY: i32 = 2;
const EXCLUSIVE: i32 = 4;
const TRUNCATE: i32 = 8;
const READ: i32 = 1;
const WRITE: i32 = 2;

/** The outcome of an import without a value: 0 or a negative errno. */
function outcome(): i32 {
  return load<u8>(result()) != 0 ? -errnoOf(load<u8>(result(), 1)) : 0;
}

export function __syscall_openat(directory: i32, path: usize, flags: i32, _varargs: usize): i32 {
  const length = resolve(directory, path, 0);
  if (length < 0) return length;
  const at = pathBuffer(0);
  const writable = (flags & 3) != 0;
  const readable = (flags & 1) == 0;
  const own = internal(at, length);
  if (own != ORDINARY) {
    if (writable && own == LIBRARY_PATH) return -EROFS;
    if ((flags & O_DIRECTORY) != 0) return -ENOTDIR;
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return -EEXIST;
    const kind = own == LIBRARY_PATH ? LIBRARY : own == NULL_PATH ? NULL_DEVICE : RANDOM_DEVICE;
    return add(newDescription(kind, 0, readable, writable), 0);
  }
  openAt(
    root(),
    (flags & O_NOFOLLOW) != 0 ? 0 : 1,
    at,
    length,
    ((flags & O_CREAT) != 0 ? CREATE : 0) |
      ((flags & O_DIRECTORY) != 0 ? DIRECTORY : 0) |
      ((flags & O_EXCL) != 0 ? EXCLUSIVE : 0) |
      ((flags & O_TRUNC) != 0 ? TRUNCATE : 0),
    (readable ? READ : 0) | (writable ? WRITE : 0),
    result(),
  );
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 4));
  const open = newDescription(NODE, load<i32>(result(), 4), readable, writable);
  open.append = (flags & O_APPEND) != 0;
  open.path = copyOf(at, length);
  open.pathLength = length;
  return add(open, 0);
}

export function __syscall_stat64(path: usize, into: usize): i32 {
  const length = resolve(AT_FDCWD, path, 0);
  return length < 0 ? length : statPath(pathBuffer(0), length, true, into);
}

export function __syscall_lstat64(path: usize, into: usize): i32 {
  const length = resolve(AT_FDCWD, path, 0);
  return length < 0 ? length : statPath(pathBuffer(0), length, false, into);
}

export function __syscall_newfstatat(directory: i32, path: usize, into: usize, flags: i32): i32 {
  if ((flags & AT_EMPTY_PATH) != 0 && load<u8>(path) == 0) {
    const open = opened(directory);
    return open === null ? -EBADF : statOpen(open, into);
  }
  const length = resolve(directory, path, 0);
  return length < 0 ? length : statPath(pathBuffer(0), length, (flags & AT_SYMLINK_NOFOLLOW) == 0, into);
}

const W_OK: i32 = 2;

/** WASI does not say what may be written: a file is opened to find out, and of a directory it is believed. */
export function __syscall_faccessat(directory: i32, path: usize, mode: i32, _flags: i32): i32 {
  const length = resolve(directory, path, 0);
  if (length < 0) return length;
  const at = pathBuffer(0);
  const own = internal(at, length);
  if (own != ORDINARY) return own == LIBRARY_PATH && (mode & W_OK) != 0 ? -EACCES : 0;
  statAt(root(), 1, at, length, result());
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 8));
  if ((mode & W_OK) == 0 || load<u8>(result(), 8) == TYPE_DIRECTORY) return 0;
  openAt(root(), 1, at, length, 0, WRITE, result());
  if (load<u8>(result()) != 0) return -EACCES;
  dropDescriptor(load<i32>(result(), 4));
  return 0;
}

/** For calls that would change what a path names: never a file of the interpreter's own. */
function changeable(directory: i32, path: usize, which: i32): i32 {
  const length = resolve(directory, path, which);
  return length >= 0 && internal(pathBuffer(which), length) != ORDINARY ? -EROFS : length;
}

export function __syscall_mkdirat(directory: i32, path: usize, _mode: i32): i32 {
  const length = changeable(directory, path, 0);
  if (length < 0) return length;
  createDirectoryAt(root(), pathBuffer(0), length, result());
  return outcome();
}

export function __syscall_rmdir(path: usize): i32 {
  return __syscall_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

export function __syscall_unlinkat(directory: i32, path: usize, flags: i32): i32 {
  const length = changeable(directory, path, 0);
  if (length < 0) return length;
  if ((flags & AT_REMOVEDIR) != 0) removeDirectoryAt(root(), pathBuffer(0), length, result());
  else unlinkFileAt(root(), pathBuffer(0), length, result());
  return outcome();
}

export function __syscall_renameat(fromDirectory: i32, from: usize, toDirectory: i32, to: usize): i32 {
  const fromLength = changeable(fromDirectory, from, 0);
  if (fromLength < 0) return fromLength;
  const toLength = changeable(toDirectory, to, 1);
  if (toLength < 0) return toLength;
  renameAt(root(), pathBuffer(0), fromLength, root(), pathBuffer(1), toLength, result());
  return outcome();
}

export function __syscall_symlinkat(target: usize, directory: i32, path: usize): i32 {
  const length = changeable(directory, path, 0);
  if (length < 0) return length;
  let targetLength: i32 = 0;
  while (load<u8>(target + targetLength) != 0) targetLength++;
  symlinkAt(root(), target, targetLength, pathBuffer(0), length, result());
  return outcome();
}

export function __syscall_readlinkat(directory: i32, path: usize, into: usize, size: i32): i32 {
  const length = resolve(directory, path, 0);
  if (length < 0) return length;
  if (internal(pathBuffer(0), length) != ORDINARY) return -EINVAL;
  readlinkAt(root(), pathBuffer(0), length, result());
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 4));
  const text = load<usize>(result(), 4);
  const count = min<u32>(load<u32>(result(), 8), <u32>size);
  memory.copy(into, text, count);
  if (load<u32>(result(), 8) > 0) release(text);
  return count;
}

const UTIME_NOW: i32 = 0x3fff_ffff;
const UTIME_OMIT: i32 = 0x3fff_fffe;

/** The case of `new-timestamp` for a `timespec`: no change, now, or a moment. */
function timeTag(time: usize): i32 {
  if (time == 0) return 1;
  const nanoseconds = load<i32>(time, 8);
  return nanoseconds == UTIME_NOW ? 1 : nanoseconds == UTIME_OMIT ? 0 : 2;
}

export function __syscall_utimensat(directory: i32, path: usize, times: usize, flags: i32): i32 {
  const modified: usize = times == 0 ? 0 : times + 16;
  const accessedTag = timeTag(times);
  const modifiedTag = timeTag(modified);
  const accessedSeconds: i64 = accessedTag == 2 ? load<i64>(times) : 0;
  const accessedNanoseconds = accessedTag == 2 ? load<i32>(times, 8) : 0;
  const modifiedSeconds: i64 = modifiedTag == 2 ? load<i64>(modified) : 0;
  const modifiedNanoseconds = modifiedTag == 2 ? load<i32>(modified, 8) : 0;
  // futimens passes no path.
  if (path == 0) {
    const open = opened(directory);
    if (open === null || open.kind != NODE) return -EBADF;
    setTimes(
      open.handle, accessedTag, accessedSeconds, accessedNanoseconds, modifiedTag, modifiedSeconds, modifiedNanoseconds,
      result());
    return outcome();
  }
  const length = changeable(directory, path, 0);
  if (length < 0) return length;
  setTimesAt(
    root(), (flags & AT_SYMLINK_NOFOLLOW) == 0 ? 1 : 0, pathBuffer(0), length, accessedTag, accessedSeconds,
    accessedNanoseconds, modifiedTag, modifiedSeconds, modifiedNanoseconds, result());
  return outcome();
}

export function __syscall_truncate64(path: usize, size: i64): i32 {
  if (size < 0) return -EINVAL;
  const length = changeable(AT_FDCWD, path, 0);
  if (length < 0) return length;
  openAt(root(), 1, pathBuffer(0), length, 0, WRITE, result());
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 4));
  const handle = load<i32>(result(), 4);
  setSize(handle, size, result());
  const ended = outcome();
  dropDescriptor(handle);
  return ended;
}

export function __syscall_chdir(path: usize): i32 {
  const length = resolve(AT_FDCWD, path, 0);
  if (length < 0) return length;
  statAt(root(), 1, pathBuffer(0), length, result());
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 8));
  if (load<u8>(result(), 8) != TYPE_DIRECTORY) return -ENOTDIR;
  enterDirectory(pathBuffer(0), length);
  return 0;
}

export function __syscall_getcwd(into: usize, size: i32): i32 {
  const count = writeDirectory(into, size);
  return count < 0 ? -ERANGE : count;
}

/** Modes and owners are not kept: setting them succeeds where there is a file. */
function owned(directory: i32, path: usize): i32 {
  const length = changeable(directory, path, 0);
  if (length < 0) return length;
  statAt(root(), 1, pathBuffer(0), length, result());
  return load<u8>(result()) != 0 ? -errnoOf(load<u8>(result(), 8)) : 0;
}

export function __syscall_chmod(path: usize, _mode: i32): i32 {
  return owned(AT_FDCWD, path);
}

export function __syscall_fchmodat2(directory: i32, path: usize, _mode: i32, _flags: i32): i32 {
  return owned(directory, path);
}

export function __syscall_fchownat(directory: i32, path: usize, _user: i32, _group: i32, _flags: i32): i32 {
  return owned(directory, path);
}

export function __syscall_statfs64(path: usize, _size: i32, into: usize): i32 {
  const length = resolve(AT_FDCWD, path, 0);
  if (length < 0) return length;
  if (internal(pathBuffer(0), length) != ORDINARY) return writeStatFs(into);
  statAt(root(), 1, pathBuffer(0), length, result());
  return load<u8>(result()) != 0 ? -errnoOf(load<u8>(result(), 8)) : writeStatFs(into);
}
