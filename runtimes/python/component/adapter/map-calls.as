import { Description, NODE, opened } from "./descriptors";
import { EBADF, EINVAL, ENODEV, ENOMEM } from "./errno";
import { free, memalign } from "./interpreter";
import { put, take } from "./fd-calls";
import { sizeOf } from "./stat";

// `mmap` of files: a copy, written back at `msync` and `munmap` when shared and writable.

const PAGE: usize = 65_536;
const PROT_WRITE: i32 = 2;
const MAP_PRIVATE: i32 = 2;

export function _mmap_js(
  length: u32, _protection: i32, _flags: i32, fd: i32, offset: i64, allocated: usize, into: usize): i32 {
  const open = opened(fd);
  if (open === null) return -EBADF;
  if (open.kind != NODE) return -ENODEV;
  if (length == 0 || offset < 0) return -EINVAL;
  const address = memalign(PAGE, length);
  if (address == 0) return -ENOMEM;
  memory.fill(address, 0, length);
  for (let at: u32 = 0; at < length;) {
    const count = take(open, address + at, length - at, offset + at);
    if (count < 0) {
      free(address);
      return <i32>count;
    }
    if (count == 0) break;
    at += <u32>count;
  }
  store<i32>(allocated, 1);
  store<usize>(into, address);
  return 0;
}

export function _msync_js(address: usize, length: u32, _protection: i32, flags: i32, fd: i32, offset: i64): i32 {
  if ((flags & MAP_PRIVATE) != 0) return 0;
  const open = opened(fd);
  if (open === null) return -EBADF;
  return offset < 0 ? -EINVAL : writeBack(open, address, length, offset);
}

export function _munmap_js(address: usize, length: u32, protection: i32, flags: i32, fd: i32, offset: i64): i32 {
  return (protection & PROT_WRITE) == 0 ? 0 : _msync_js(address, length, protection, flags, fd, offset);
}

/** A map can't lengthen its file: what lies past the end is dropped, as POSIX says. */
function writeBack(open: Description, address: usize, length: u32, offset: i64): i32 {
  const size = sizeOf(open);
  if (size < 0) return <i32>size;
  const wanted = max<i64>(0, min<i64>(length, size - offset));
  for (let at: i64 = 0; at < wanted;) {
    const count = put(open, address + <usize>at, <u32>(wanted - at), offset + at);
    if (count <= 0) return <i32>count;
    at += count;
  }
  return 0;
}
