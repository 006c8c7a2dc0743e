import type { Errno, FileHandle, FileResult } from "../file-system.ts";
import { CHUNK_BYTES } from "../memory/file-content.ts";
import type { FileInode } from "../memory/memory-tree.ts";

/** Opens, or has open, the file below; fails with EIO if it is no longer the version that the overlay stands over. */
export type OpenLower = () => FileResult<FileHandle>;

/** Reads what was written from memory and everything else from below. */
export function readThrough(
  inode: FileInode,
  openLower: OpenLower,
  into: Uint8Array,
  position: number,
): FileResult<number> {
  const { content, origin } = inode;
  const limit = origin?.limit ?? 0;
  const count = Math.max(0, Math.min(into.length, content.size - position));
  let done = 0;
  while (done < count) {
    const at = position + done;
    const held = content.has(Math.floor(at / CHUNK_BYTES));
    // On to where the next piece of the other sort begins.
    let end = Math.min(position + count, (Math.floor(at / CHUNK_BYTES) + 1) * CHUNK_BYTES);
    while (end < position + count && content.has(end / CHUNK_BYTES) === held)
      end = Math.min(position + count, end + CHUNK_BYTES);
    const piece = into.subarray(done, end - position);
    if (held) {
      content.read(piece, at);
    } else {
      const below = Math.max(0, Math.min(piece.length, limit - at));
      const failed = below === 0 ? undefined : readWhole(openLower, piece.subarray(0, below), at);
      if (failed !== undefined) return failed;
      piece.fill(0, below);
    }
    done += piece.length;
  }
  return count;
}

/** The bytes that a write to [start, end) adds to what the quota counts. */
export function growthOf({ content, origin }: FileInode, start: number, end: number): number {
  const limit = origin?.limit ?? 0;
  let bytes = Math.max(0, end - content.size);
  for (let index = Math.floor(start / CHUNK_BYTES); index * CHUNK_BYTES < Math.min(end, limit); index += 1) {
    if (!content.has(index)) bytes += Math.min(CHUNK_BYTES, limit - index * CHUNK_BYTES);
  }
  return bytes;
}

/** Copies up the pieces that a write to [start, end) changes only in part: at most the first and the last one. */
export function copyUp(
  inode: FileInode,
  openLower: OpenLower,
  start: number,
  end: number,
  charge: (bytes: number) => boolean,
): Errno | undefined {
  const { content, origin } = inode;
  const limit = origin?.limit ?? 0;
  const first = Math.floor(start / CHUNK_BYTES);
  const last = Math.floor((end - 1) / CHUNK_BYTES);
  for (const index of first === last ? [first] : [first, last]) {
    const from = index * CHUNK_BYTES;
    const length = Math.min(CHUNK_BYTES, limit - from);
    if (length <= 0 || content.has(index) || (start <= from && end >= from + length)) continue;
    if (!charge(length)) return "EIO";
    const piece = new Uint8Array(length);
    const failed = readWhole(openLower, piece, from);
    if (failed !== undefined) return failed;
    content.write(piece, from);
  }
  return undefined;
}

function readWhole(openLower: OpenLower, into: Uint8Array, position: number): Errno | undefined {
  const lower = openLower();
  if (typeof lower === "string") return lower;
  for (let done = 0; done < into.length;) {
    const count = lower.read(into.subarray(done), position + done);
    if (typeof count === "string") return count;
    // It is shorter than it said.
    if (!(count > 0)) return "EIO";
    done += count;
  }
  return undefined;
}
