import { add, close, Description, duplicateTo, newDescription, NODE, opened, Pipe, PIPE_READER, PIPE_WRITER } from "./descriptors";
import { EBADF, EINVAL, ENOTDIR, ENOTTY, errnoOf } from "./errno";
import { allocate, Bytes, dropBytes, extend, newBytes, release, result } from "./memory";
import { enterDirectory } from "./paths";
import { sizeOf, statOpen, TYPE_DIRECTORY, TYPE_LINK, writeStatFs } from "./stat";
import { PARK_REQUEST, park } from "./waiting";
import { dropEntries, readDirectory, readEntry, setSize, stat, sync } from "./wasi";

export function __syscall_fstat64(fd: i32, into: usize): i32 {
  const open = opened(fd);
  return open === null ? -EBADF : statOpen(open, into);
}

export function __syscall_fstatfs64(fd: i32, _size: i32, into: usize): i32 {
  return opened(fd) === null ? -EBADF : writeStatFs(into);
}

function resize(open: Description, size: i64): i32 {
  if (size < 0 || open.kind != NODE || !open.writable) return -EINVAL;
  setSize(open.handle, size, result());
  return load<u8>(result()) != 0 ? -errnoOf(load<u8>(result(), 1)) : 0;
}

export function __syscall_ftruncate64(fd: i32, size: i64): i32 {
  if (fd == PARK_REQUEST) return park(size);
  const open = opened(fd);
  return open === null ? -EBADF : resize(open, size);
}

export function __syscall_fallocate(fd: i32, _mode: i32, offset: i64, length: i64): i32 {
  const open = opened(fd);
  if (open === null) return -EBADF;
  if (offset < 0 || length <= 0 || open.kind != NODE) return -EINVAL;
  const size = sizeOf(open);
  if (size < 0) return <i32>size;
  return offset + length > size ? resize(open, offset + length) : 0;
}

export function __syscall_fadvise64(fd: i32, _offset: i64, _length: i64, _advice: i32): i32 {
  return opened(fd) === null ? -EBADF : 0;
}

export function __syscall_fchmod(fd: i32, _mode: i32): i32 {
  return opened(fd) === null ? -EBADF : 0;
}

export function __syscall_fchown32(fd: i32, _user: i32, _group: i32): i32 {
  return opened(fd) === null ? -EBADF : 0;
}

export function __syscall_fdatasync(fd: i32): i32 {
  return -fd_sync(fd);
}

/** Of preview 1: a positive errno. */
export function fd_sync(fd: i32): i32 {
  const open = opened(fd);
  if (open === null) return EBADF;
  if (open.kind != NODE) return 0;
  sync(open.handle, result());
  return load<u8>(result()) != 0 ? errnoOf(load<u8>(result(), 1)) : 0;
}

export function __syscall_fchdir(fd: i32): i32 {
  const open = opened(fd);
  if (open === null) return -EBADF;
  if (open.kind != NODE) return -ENOTDIR;
  stat(open.handle, result());
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 8));
  if (load<u8>(result(), 8) != TYPE_DIRECTORY) return -ENOTDIR;
  enterDirectory(open.path, open.pathLength);
  return 0;
}

export function __syscall_dup(fd: i32): i32 {
  const open = opened(fd);
  return open === null ? -EBADF : add(open, 0);
}

export function __syscall_dup3(fd: i32, to: i32, _flags: i32): i32 {
  const open = opened(fd);
  if (open === null) return -EBADF;
  return fd == to ? -EINVAL : duplicateTo(open, to);
}

/** Bytes that a pipe holds before a write would block, as on Linux. */
export const PIPE_BYTES: i32 = 65_536;

export function __syscall_pipe(into: usize): i32 {
  const pipe = changetype<Pipe>(allocate(offsetof<Pipe>()));
  pipe.bytes = allocate(PIPE_BYTES);
  pipe.start = pipe.length = 0;
  pipe.readers = pipe.writers = 1;
  const reader = newDescription(PIPE_READER, 0, true, false);
  const writer = newDescription(PIPE_WRITER, 0, false, true);
  reader.pipe = pipe;
  writer.pipe = pipe;
  const from = add(reader, 0);
  const to = add(writer, 0);
  if (from < 0 || to < 0) {
    if (from >= 0) close(from);
    return min(from, to);
  }
  store<i32>(into, from);
  store<i32>(into, to, 4);
  return 0;
}

const F_DUPFD: i32 = 0;
const F_GETFD: i32 = 1;
const F_SETFD: i32 = 2;
const F_GETFL: i32 = 3;
const F_SETFL: i32 = 4;
const F_GETLK: i32 = 12;
const F_SETLK: i32 = 13;
const F_SETLKW: i32 = 14;
const F_DUPFD_CLOEXEC: i32 = 1_030;
const F_UNLCK: i32 = 2;
const O_APPEND: i32 = 1_024;

export function __syscall_fcntl64(fd: i32, command: i32, varargs: usize): i32 {
  const open = opened(fd);
  if (open === null) return -EBADF;
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC: {
      const from = load<i32>(varargs);
      return from < 0 ? -EINVAL : add(open, from);
    }
    case F_GETFD:
    case F_SETFD:
    case F_SETLK:
    case F_SETLKW:
      return 0;
    case F_GETFL:
      return (open.readable && open.writable ? 2 : open.writable ? 1 : 0) | (open.append ? O_APPEND : 0);
    case F_SETFL:
      open.append = (load<i32>(varargs) & O_APPEND) != 0;
      return 0;
    case F_GETLK:
      // Nobody else is there to hold a lock.
      store<u16>(load<usize>(varargs), F_UNLCK);
      return 0;
    default:
      return -EINVAL;
  }
}

export function __syscall_ioctl(fd: i32, _request: i32, _varargs: usize): i32 {
  return opened(fd) === null ? -EBADF : -ENOTTY;
}

/** Emscripten's `struct dirent` has a fixed size. */
const DIRENT_BYTES: i32 = 280;
const NAME_BYTES: u32 = 255;
const DT_DIR: i32 = 4;
const DT_REG: i32 = 8;
const DT_LNK: i32 = 10;

export function __syscall_getdents64(fd: i32, into: usize, size: i32): i32 {
  const open = opened(fd);
  if (open === null) return -EBADF;
  if (open.kind != NODE) return -ENOTDIR;
  const room = size / DIRENT_BYTES;
  if (room <= 0) return -EINVAL;
  if (open.position == 0 || open.listing === null) {
    const failed = list(open);
    if (failed != 0) return failed;
  }
  const listing = <Bytes>open.listing;
  const total = <i64>(<i32>listing.length / DIRENT_BYTES);
  const count = <i32>max<i64>(0, min<i64>(room, total - open.position));
  memory.copy(into, listing.address + <usize>open.position * DIRENT_BYTES, <usize>(count * DIRENT_BYTES));
  open.position += count;
  return count * DIRENT_BYTES;
}

/** Reads a directory anew: 0 or a negative errno. */
function list(open: Description): i32 {
  readDirectory(open.handle, result());
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 4));
  const stream = load<i32>(result(), 4);
  const listing = newBytes();
  let failed: i32 = 0;
  for (let cursor: i64 = 1; ; cursor++) {
    readEntry(stream, result());
    if (load<u8>(result()) != 0) {
      failed = -errnoOf(load<u8>(result(), 4));
      break;
    }
    if (load<u8>(result(), 4) == 0) break;
    const type = load<u8>(result(), 8);
    const name = load<usize>(result(), 12);
    const length = load<u32>(result(), 16);
    const at = extend(listing, DIRENT_BYTES);
    memory.fill(at, 0, DIRENT_BYTES);
    // The stream tells no inode; zero would be a deleted file's.
    store<i64>(at, 1);
    store<i64>(at, cursor, 8);
    store<u16>(at, DIRENT_BYTES, 16);
    store<u8>(at, type == TYPE_DIRECTORY ? DT_DIR : type == TYPE_LINK ? DT_LNK : DT_REG, 18);
    memory.copy(at + 19, name, min<u32>(length, NAME_BYTES));
    if (length > 0) release(name);
  }
  dropEntries(stream);
  const old = open.listing;
  if (old !== null) dropBytes(old);
  open.listing = listing;
  return failed;
}
