import { opened } from "./descriptors";
import { EBADF, EILSEQ, ENAMETOOLONG, ENOENT } from "./errno";
import { allocate, pathBuffer, release, result } from "./memory";
import { dropDescriptor, getDirectories } from "./wasi";

/** Longest path in bytes, without its NUL: Linux's PATH_MAX. */
const MAX_PATH: i32 = 4_096;
const AT_FDCWD: i32 = -100;
const SLASH: i32 = 0x2f;
const DOT: i32 = 0x2e;

let rootHandle: i32 = -1;
/** The working directory: a path from the root, without a slash before or behind it. */
let cwd: usize = 0;
let cwdLength: i32 = 0;

/** The directory that all paths start from: the one that is given as "/", else the first. */
export function root(): i32 {
  if (rootHandle >= 0) return rootHandle;
  getDirectories(result());
  const list = load<usize>(result());
  const count = load<i32>(result(), 4);
  for (let index = 0; index < count; index++) {
    const entry = list + <usize>index * 12;
    const handle = load<i32>(entry);
    const name = load<usize>(entry, 4);
    const isRoot = load<i32>(entry, 8) == 1 && load<u8>(name) == SLASH;
    if (rootHandle < 0) rootHandle = handle;
    else if (isRoot) {
      dropDescriptor(rootHandle);
      rootHandle = handle;
    } else dropDescriptor(handle);
    release(name);
  }
  if (count > 0) release(list);
  if (rootHandle < 0) unreachable();
  return rootHandle;
}

/**
 * Writes a path that a call names into buffer `which`, as one from the root: what starts elsewhere is put behind the
 * directory where it starts, and ".." at the root stays there. Answers its length or a negative errno.
 */
export function resolve(directory: i32, path: usize, which: i32): i32 {
  let length: i32 = 0;
  while (load<u8>(path + length) != 0) if (++length > MAX_PATH) return -ENAMETOOLONG;
  if (length == 0) return -ENOENT;
  if (!isUtf8(path, length)) return -EILSEQ;
  const into = pathBuffer(which);
  let end: i32 = 0;
  if (load<u8>(path) != SLASH) {
    if (directory == AT_FDCWD) end = join(into, 0, cwd, cwdLength, false);
    else {
      const open = opened(directory);
      if (open === null) return -EBADF;
      end = join(into, 0, open.path, open.pathLength, false);
    }
  }
  end = join(into, end, path, length, false);
  if (end == 0) {
    store<u8>(into, DOT);
    return 1;
  }
  // A slash at the end asks for a directory.
  const last = load<u8>(path + length - 1);
  if (last == SLASH || (last == DOT && (length == 1 || load<u8>(path + length - 2) == SLASH)))
    store<u8>(into + end++, SLASH);
  return end;
}

/** Appends the components of a path. With `fold`, ".." takes away the one before it, as if no links were there. */
function join(into: usize, end: i32, path: usize, length: i32, fold: bool): i32 {
  let at: i32 = 0;
  while (at < length) {
    while (at < length && load<u8>(path + at) == SLASH) at++;
    const start = at;
    while (at < length && load<u8>(path + at) != SLASH) at++;
    const size = at - start;
    if (size == 0 || (size == 1 && load<u8>(path + start) == DOT)) continue;
    if (size == 2 && load<u16>(path + start) == 0x2e2e) {
      if (depth(into, end) <= 0) continue;
      if (fold) {
        while (end > 0 && load<u8>(into + --end) != SLASH) {}
        continue;
      }
    }
    if (end > 0) store<u8>(into + end++, SLASH);
    memory.copy(into + end, path + start, size);
    end += size;
  }
  return end;
}

/** How far below the root a path ends, links aside. */
function depth(path: usize, length: i32): i32 {
  let levels: i32 = 0;
  for (let at: i32 = 0; at < length;) {
    const start = at;
    while (at < length && load<u8>(path + at) != SLASH) at++;
    levels += at - start == 2 && load<u16>(path + start) == 0x2e2e ? -1 : 1;
    at++;
  }
  return levels;
}

/** Makes a path from the root the working directory. */
export function enterDirectory(path: usize, length: i32): void {
  const folded = allocate(<usize>length + 1);
  cwdLength = join(folded, 0, path, length, true);
  release(cwd);
  cwd = folded;
}

/** Writes the working directory with its slash, or answers -1 if there is too little room. */
export function writeDirectory(into: usize, room: i32): i32 {
  const size = cwdLength + 2;
  if (<u32>room < <u32>size) return -1;
  store<u8>(into, SLASH);
  memory.copy(into + 1, cwd, cwdLength);
  store<u8>(into + cwdLength + 1, 0);
  return size;
}

export const ORDINARY: i32 = 0;
export const NULL_PATH: i32 = 1;
export const RANDOM_PATH: i32 = 2;
export const LIBRARY_PATH: i32 = 3;

/** Whether a path from the root names a file of the interpreter's own: they lie over every mount; links never lead there. */
export function internal(path: usize, length: i32): i32 {
  for (let at = 0; at + 1 < length; at++) {
    if (load<u16>(path + at) != 0x2e2e) continue;
    const folded = pathBuffer(2);
    return named(folded, join(folded, 0, path, length, true));
  }
  return named(path, length);
}

function named(path: usize, length: i32): i32 {
  // "dev/null", "dev/rand" and "om" or "dev/uran" and "dom", "lib/pyth" and "on314.zi" and "p".
  if (length < 8) return ORDINARY;
  const head = load<u64>(path);
  if (head == 0x6c6c_756e_2f76_6564) return length == 8 ? NULL_PATH : ORDINARY;
  if (head == 0x646e_6172_2f76_6564)
    return length == 10 && load<u16>(path + 8) == 0x6d6f ? RANDOM_PATH : ORDINARY;
  if (head == 0x6e61_7275_2f76_6564)
    return length == 11 && load<u16>(path + 8) == 0x6f64 && load<u8>(path + 10) == 0x6d ? RANDOM_PATH : ORDINARY;
  if (head == 0x6874_7970_2f62_696c && length == 17)
    return load<u64>(path + 8) == 0x697a_2e34_3133_6e6f && load<u8>(path + 16) == 0x70 ? LIBRARY_PATH : ORDINARY;
  return ORDINARY;
}

/** The host would put another character in the place of what is none. Shortest forms only, no surrogates, as in RFC 3629. */
function isUtf8(text: usize, length: i32): bool {
  for (let at: i32 = 0; at < length;) {
    const first = <i32>load<u8>(text + at++);
    if (first < 0x80) continue;
    if (first < 0xc2 || first > 0xf4) return false;
    const second = <i32>load<u8>(text + at);
    const lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) return false;
    // The NUL behind the text is no continuation either.
    for (let more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3; more > 0; more--)
      if ((load<u8>(text + at++) & 0xc0) != 0x80) return false;
  }
  return true;
}
