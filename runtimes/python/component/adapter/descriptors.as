import { EBADF, EMFILE } from "./errno";
import { allocate, Bytes, dropBytes, release } from "./memory";
import { dropDescriptor, getStderr, getStdin, getStdout } from "./wasi";

export const FREE: i32 = 0;
/** A file or directory: a descriptor of `wasi:filesystem`. */
export const NODE: i32 = 1;
export const INPUT: i32 = 2;
export const OUTPUT: i32 = 3;
export const NULL_DEVICE: i32 = 4;
export const RANDOM_DEVICE: i32 = 5;
export const LIBRARY: i32 = 6;
export const PIPE_READER: i32 = 7;
export const PIPE_WRITER: i32 = 8;

/** What an open file is, as POSIX has it: several numbers may share one, with its position and flags. */
@unmanaged
export class Description {
  kind: i32;
  /** How many numbers it has. */
  users: i32;
  /** Of a node or a stream. */
  handle: i32;
  readable: bool;
  writable: bool;
  append: bool;
  position: i64;
  /** Of a node: where it was opened, for calls that start from it. */
  path: usize;
  pathLength: i32;
  /** Of a directory that is being read: its entries, as the guest gets them. Zero otherwise. */
  listing: Bytes | null;
  pipe: Pipe | null;
}

@unmanaged
export class Pipe {
  bytes: usize;
  start: i32;
  length: i32;
  readers: i32;
  writers: i32;
}

/** Descriptors that a program may hold open, standard streams included. */
const MAX_DESCRIPTORS: i32 = 256;

let table: usize = 0;

function slots(): usize {
  if (table != 0) return table;
  table = allocate(<usize>MAX_DESCRIPTORS << 2);
  memory.fill(table, 0, <usize>MAX_DESCRIPTORS << 2);
  place(0, newDescription(INPUT, getStdin(), true, false));
  place(1, newDescription(OUTPUT, getStdout(), false, true));
  place(2, newDescription(OUTPUT, getStderr(), false, true));
  return table;
}

export function newDescription(kind: i32, handle: i32, readable: bool, writable: bool): Description {
  const address = allocate(offsetof<Description>());
  memory.fill(address, 0, offsetof<Description>());
  const description = changetype<Description>(address);
  description.kind = kind;
  description.handle = handle;
  description.readable = readable;
  description.writable = writable;
  return description;
}

/** The open file of a number; null if there is none. */
export function opened(fd: i32): Description | null {
  if (<u32>fd >= <u32>MAX_DESCRIPTORS) return null;
  return changetype<Description | null>(load<usize>(slots() + (<usize>fd << 2)));
}

/** Gives the lowest free number from `from` on, or a negative errno. */
export function add(description: Description, from: i32): i32 {
  for (let fd = from; fd < MAX_DESCRIPTORS; fd++) {
    if (opened(fd) !== null) continue;
    place(fd, description);
    return fd;
  }
  if (description.users == 0) end(description);
  return -EMFILE;
}

export function duplicateTo(description: Description, fd: i32): i32 {
  if (<u32>fd >= <u32>MAX_DESCRIPTORS) return -EBADF;
  close(fd);
  place(fd, description);
  return fd;
}

export function close(fd: i32): bool {
  const description = opened(fd);
  if (description === null) return false;
  store<usize>(slots() + (<usize>fd << 2), 0);
  description.users -= 1;
  if (description.users == 0) end(description);
  return true;
}

function place(fd: i32, description: Description): void {
  store<usize>(slots() + (<usize>fd << 2), changetype<usize>(description));
  description.users += 1;
}

/** Nobody uses it any more. The standard streams stay: they cannot be opened again. */
function end(description: Description): void {
  if (description.kind == NODE) dropDescriptor(description.handle);
  release(description.path);
  const listing = description.listing;
  if (listing !== null) dropBytes(listing);
  const pipe = description.pipe;
  if (pipe !== null) {
    if (description.kind == PIPE_READER) pipe.readers -= 1;
    else pipe.writers -= 1;
    if (pipe.readers + pipe.writers == 0) {
      release(pipe.bytes);
      release(changetype<usize>(pipe));
    }
  }
  release(changetype<usize>(description));
}
