import { CHANNEL_FD, hear, say } from "./channel";
import { close, Description, INPUT, LIBRARY, NODE, NULL_DEVICE, opened, OUTPUT, PIPE_READER, PIPE_WRITER, Pipe, RANDOM_DEVICE } from "./descriptors";
import { PIPE_BYTES } from "./descriptor-calls";
import { EBADF, EFBIG, EINVAL, EIO, EPIPE, ESPIPE, errnoOf } from "./errno";
import { aim, copyLibrary, librarySize } from "./interpreter";
import { release, result, settle } from "./memory";
import { sizeOf } from "./stat";
import { fillRandom } from "./process-calls";
import { dropError, readAt, streamRead, streamWrite, writeAt } from "./wasi";

// Calls of WASI preview 1: a positive errno or 0, results through pointers. A move answers a count or a negative errno.

/** What `blocking-write-and-flush` takes at once. */
const STREAM_PIECE: u32 = 4_096;

export function fd_read(fd: i32, vectors: usize, count: i32, into: usize): i32 {
  if (fd == CHANNEL_FD) {
    store<u32>(into, hear(load<usize>(vectors), load<u32>(vectors, 4)));
    return 0;
  }
  const open = opened(fd);
  if (open === null || !open.readable) return EBADF;
  const moved = transfer(open, vectors, count, open.position, false, into);
  if (moved < 0) return <i32>-moved;
  if (open.kind == NODE || open.kind == LIBRARY) open.position += moved;
  return 0;
}

export function fd_write(fd: i32, vectors: usize, count: i32, into: usize): i32 {
  if (fd == CHANNEL_FD) {
    if (!say(load<usize>(vectors), load<u32>(vectors, 4))) return EFBIG;
    store<u32>(into, load<u32>(vectors, 4));
    return 0;
  }
  const open = opened(fd);
  if (open === null || !open.writable) return EBADF;
  if (open.kind == NODE && open.append) {
    const size = sizeOf(open);
    if (size < 0) return <i32>-size;
    open.position = size;
  }
  const moved = transfer(open, vectors, count, open.position, true, into);
  if (moved < 0) return <i32>-moved;
  if (open.kind == NODE) open.position += moved;
  return 0;
}

export function fd_pread(fd: i32, vectors: usize, count: i32, offset: i64, into: usize): i32 {
  const open = opened(fd);
  if (open === null || !open.readable) return EBADF;
  if (open.kind != NODE && open.kind != LIBRARY) return ESPIPE;
  if (offset < 0) return EINVAL;
  const moved = transfer(open, vectors, count, offset, false, into);
  return moved < 0 ? <i32>-moved : 0;
}

export function fd_pwrite(fd: i32, vectors: usize, count: i32, offset: i64, into: usize): i32 {
  const open = opened(fd);
  if (open === null || !open.writable) return EBADF;
  if (open.kind != NODE) return ESPIPE;
  if (offset < 0) return EINVAL;
  const moved = transfer(open, vectors, count, offset, true, into);
  return moved < 0 ? <i32>-moved : 0;
}

export function fd_close(fd: i32): i32 {
  return close(fd) ? 0 : EBADF;
}

export function fd_seek(fd: i32, offset: i64, whence: i32, into: usize): i32 {
  const open = opened(fd);
  if (open === null) return EBADF;
  if (open.kind != NODE && open.kind != LIBRARY) return ESPIPE;
  let from: i64 = 0;
  if (whence == 1) from = open.position;
  else if (whence == 2) {
    from = open.kind == LIBRARY ? <i64>librarySize() : sizeOf(open);
    if (from < 0) return <i32>-from;
  } else if (whence != 0) return EINVAL;
  const position = from + offset;
  if (position < 0) return EINVAL;
  open.position = position;
  store<i64>(into, position);
  return 0;
}

const FDSTAT_BYTES: usize = 24;
/** For everything: as a character device a stream would pass for a terminal, and tracebacks would be coloured. */
const FILETYPE_REGULAR: i32 = 4;

export function fd_fdstat_get(fd: i32, into: usize): i32 {
  const open = opened(fd);
  if (open === null) return EBADF;
  memory.fill(into, 0, FDSTAT_BYTES);
  store<u8>(into, FILETYPE_REGULAR);
  store<u16>(into, open.append ? 1 : 0, 2);
  return 0;
}

/** Moves each of the buffers; stores how much that was, and answers it too. */
function transfer(open: Description, vectors: usize, count: i32, position: i64, write: bool, into: usize): i64 {
  let total: i64 = 0;
  for (let index = 0; index < count; index++) {
    const vector = vectors + (<usize>index << 3);
    const address = load<usize>(vector);
    const length = load<u32>(vector, 4);
    if (length == 0) continue;
    const moved: i64 = write ? put(open, address, length, position + total) : take(open, address, length, position + total);
    if (moved < 0) {
      if (total == 0) return moved;
      break;
    }
    total += moved;
    if (moved < <i64>length) break;
  }
  store<u32>(into, <u32>total);
  return total;
}

/** Reads bytes of an open file. */
export function take(open: Description, into: usize, length: u32, position: i64): i64 {
  switch (open.kind) {
    case NODE: {
      aim(into, length);
      readAt(open.handle, length, position, result());
      settle();
      if (load<u8>(result()) != 0) return -<i64>errnoOf(load<u8>(result(), 4));
      return load<u32>(result(), 8);
    }
    case INPUT: {
      aim(into, length);
      streamRead(open.handle, length, result());
      settle();
      return load<u8>(result()) != 0 ? streamError(4) : load<u32>(result(), 8);
    }
    case LIBRARY: {
      const size = <i64>librarySize();
      const count = position >= size ? 0 : min<i64>(length, size - position);
      copyLibrary(into, <usize>position, <usize>count);
      return count;
    }
    case RANDOM_DEVICE:
      fillRandom(into, length);
      return length;
    case PIPE_READER:
      return drain(<Pipe>open.pipe, into, length);
    default:
      return 0;
  }
}

/** Writes bytes to an open file. */
export function put(open: Description, from: usize, length: u32, position: i64): i64 {
  switch (open.kind) {
    case NODE:
      writeAt(open.handle, from, length, position, result());
      return load<u8>(result()) != 0 ? -<i64>errnoOf(load<u8>(result(), 8)) : load<i64>(result(), 8);
    case OUTPUT:
      for (let at: u32 = 0; at < length; at += STREAM_PIECE) {
        streamWrite(open.handle, from + at, min<u32>(STREAM_PIECE, length - at), result());
        if (load<u8>(result()) != 0) return streamError(4);
      }
      return length;
    case NULL_DEVICE:
      return length;
    case PIPE_WRITER:
      return fill(<Pipe>open.pipe, from, length);
    default:
      return -EBADF;
  }
}

/** The end of a stream is no bytes; any other failure is EIO. */
function streamError(at: usize): i64 {
  if (load<u8>(result() + at) != 0) return 0;
  dropError(load<i32>(result() + at, 4));
  return -EIO;
}

/** Nobody could fill or drain a pipe while the program waits: what would block for ever is EIO. */
function drain(pipe: Pipe, into: usize, length: u32): i64 {
  if (pipe.length == 0) return pipe.writers == 0 ? 0 : -EIO;
  const count = min<i32>(<i32>length, pipe.length);
  for (let index = 0; index < count; index++)
    store<u8>(into + index, load<u8>(pipe.bytes + ((pipe.start + index) & (PIPE_BYTES - 1))));
  pipe.start = (pipe.start + count) & (PIPE_BYTES - 1);
  pipe.length -= count;
  return count;
}

function fill(pipe: Pipe, from: usize, length: u32): i64 {
  if (pipe.readers == 0) return -EPIPE;
  const count = min<i32>(<i32>min<u32>(length, PIPE_BYTES), PIPE_BYTES - pipe.length);
  if (count == 0) return -EIO;
  for (let index = 0; index < count; index++)
    store<u8>(pipe.bytes + ((pipe.start + pipe.length + index) & (PIPE_BYTES - 1)), load<u8>(from + index));
  pipe.length += count;
  return count;
}
