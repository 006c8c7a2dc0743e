import { Description, INPUT, LIBRARY, NODE, NULL_DEVICE, OUTPUT, PIPE_READER, PIPE_WRITER, RANDOM_DEVICE } from "./descriptors";
import { errnoOf } from "./errno";
import { librarySize } from "./interpreter";
import { result } from "./memory";
import { internal, LIBRARY_PATH, ORDINARY, root } from "./paths";
import { metadataHash, metadataHashAt, stat, statAt } from "./wasi";

// Cases of `descriptor-type`.
export const TYPE_DIRECTORY: i32 = 3;
export const TYPE_LINK: i32 = 5;

const S_IFIFO: i32 = 0x1000;
const S_IFCHR: i32 = 0x2000;
const S_IFDIR: i32 = 0x4000;
const S_IFREG: i32 = 0x8000;
const S_IFLNK: i32 = 0xa000;

/** Size of Emscripten's `struct stat` (musl, wasm32, 64-bit times). */
const STAT_BYTES: usize = 96;

/** `stat` and `lstat` of a path from the root: 0 or a negative errno. */
export function statPath(path: usize, length: i32, follow: bool, into: usize): i32 {
  const own = internal(path, length);
  if (own != ORDINARY) {
    writePlain(into, own == LIBRARY_PATH ? S_IFREG | 0o444 : S_IFCHR | 0o666, own == LIBRARY_PATH ? librarySize() : 0);
    return 0;
  }
  statAt(root(), follow ? 1 : 0, path, length, result());
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 8));
  writeNode(into);
  metadataHashAt(root(), follow ? 1 : 0, path, length, result());
  return writeInode(into);
}

/** `fstat`. */
export function statOpen(open: Description, into: usize): i32 {
  switch (open.kind) {
    case NODE:
      stat(open.handle, result());
      if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 8));
      writeNode(into);
      metadataHash(open.handle, result());
      return writeInode(into);
    case LIBRARY:
      writePlain(into, S_IFREG | 0o444, librarySize());
      return 0;
    case PIPE_READER:
    case PIPE_WRITER:
      writePlain(into, S_IFIFO | 0o600, 0);
      return 0;
    case NULL_DEVICE:
    case RANDOM_DEVICE:
      writePlain(into, S_IFCHR | 0o666, 0);
      return 0;
    default:
      writePlain(into, open.kind == INPUT ? S_IFREG | 0o444 : S_IFREG | 0o644, 0);
      return 0;
  }
}

/** The size of a node, or a negative errno. */
export function sizeOf(open: Description): i64 {
  stat(open.handle, result());
  return load<u8>(result()) != 0 ? -<i64>errnoOf(load<u8>(result(), 8)) : load<i64>(result(), 24);
}

function writePlain(into: usize, mode: i32, size: usize): void {
  memory.fill(into, 0, STAT_BYTES);
  store<i32>(into, 1);
  store<i32>(into, mode, 4);
  store<i32>(into, 1, 8);
  store<i64>(into, size, 24);
  store<i32>(into, 4_096, 32);
}

/** Turns the `descriptor-stat` in the result into a `struct stat`. */
function writeNode(into: usize): void {
  const from = result() + 8;
  const type = load<u8>(from);
  const size = load<i64>(from, 16);
  writePlain(into, type == TYPE_DIRECTORY ? S_IFDIR | 0o755 : type == TYPE_LINK ? S_IFLNK | 0o777 : S_IFREG | 0o644, 0);
  store<i32>(into, load<i32>(from, 8), 8);
  store<i64>(into, size, 24);
  store<i32>(into, <i32>((size + 511) / 512), 36);
  for (let which: usize = 0; which < 3; which++) {
    const time = from + 24 + which * 24;
    if (load<u8>(time) == 0) continue;
    store<i64>(into + 40 + which * 16, load<i64>(time, 8));
    store<i32>(into + 48 + which * 16, load<i32>(time, 16));
  }
}

/** What tells files apart: `os.path.samefile` and with it `shutil.copyfile` compare it. */
function writeInode(into: usize): i32 {
  if (load<u8>(result()) != 0) return -errnoOf(load<u8>(result(), 8));
  store<i64>(into, load<i64>(result(), 8), 88);
  return 0;
}

const STATFS_BYTES: usize = 72;

/** Fixed figures. Offsets are those of musl's `struct statfs` on wasm32. */
export function writeStatFs(into: usize): i32 {
  memory.fill(into, 0, STATFS_BYTES);
  store<i32>(into, 4_096, 4);
  store<i64>(into, 16_384, 8);
  store<i64>(into, 8_192, 16);
  store<i64>(into, 8_192, 24);
  store<i64>(into, 10_000, 32);
  store<i64>(into, 5_000, 40);
  store<i32>(into, 255, 56);
  store<i32>(into, 4_096, 60);
  return 0;
}
