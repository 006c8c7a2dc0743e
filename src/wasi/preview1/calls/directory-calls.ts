import type { DirectoryEntry } from "../../../capabilities/files/file-system.ts";
import { ERRNO, errnoOf } from "../errno.ts";
import type { Description } from "../description.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { onDescriptor } from "./call.ts";
import type { CallTable } from "./call.ts";
import { fileTypeOf } from "./file-stat.ts";

/** Listing directories. */
export const directoryCalls: CallTable = {
  fd_readdir: (host, fd: number, buffer: number, size: number, cookie: bigint, result: number) =>
    onDescriptor(host, fd, ({ description }) => {
      if (description.kind !== "directory") return ERRNO.ENOTDIR;
      const room = host.memory.view(buffer, size);
      if (room === undefined || !host.memory.has(result, 4)) return ERRNO.EFAULT;
      const start = Number(BigInt.asUintN(64, cookie));
      if (!Number.isSafeInteger(start)) return ERRNO.EINVAL;
      const used = writeEntries(host, description, room, start);
      if (typeof used === "string") return errnoOf(used);
      return host.memory.setU32(result, used) ? ERRNO.SUCCESS : ERRNO.EFAULT;
    }),
};

const DIRENT_BYTES = 24;
/** Entries that are taken from a listing at once; the name and record of one fill some 30 bytes of the guest's buffer. */
const BATCH = 64;
/** Encoding a name and writing its record: about 0.3 µs. */
const ENTRY_UNITS = 10_000;
/** "." and ".." come first and are in no listing. */
const DOTS = 2;

const encoder = new TextEncoder();

/**
 * Fills `room` with entries from position `start` on; the last one may be cut, which tells the guest to ask again with
 * its cookie. Answers the bytes used.
 */
function writeEntries(host: Preview1Host, directory: Description, room: Uint8Array, start: number): number | "EIO" {
  let used = 0;
  let position = start;
  while (used < room.length) {
    const batch = entriesFrom(host, directory, position);
    if (typeof batch === "string") return batch;
    if (batch.length === 0) break;
    for (const entry of batch) {
      if (used >= room.length) break;
      if (!host.fuel.charge(ENTRY_UNITS)) return "EIO";
      position += 1;
      const inode = position <= DOTS ? entry.inode : inodeOf(host, directory, entry);
      const record = direntOf({ ...entry, inode }, position).subarray(0, room.length - used);
      room.set(record, used);
      used += record.length;
    }
  }
  return used;
}

function entriesFrom(host: Preview1Host, directory: Description, position: number): readonly DirectoryEntry[] | "EIO" {
  if (position < DOTS) return dots(host, directory).slice(position);
  // Rewinds to a fresh listing at the start, and only there.
  const moved = directory.seek(position - DOTS, 0);
  if (typeof moved === "string") return "EIO";
  const entries = directory.entries(BATCH);
  return typeof entries === "string" ? "EIO" : entries;
}

function dots(host: Preview1Host, directory: Description): readonly DirectoryEntry[] {
  const own = directory.stat();
  const above = host.powers.files.stat("..", true, directory.path ?? "/");
  return [
    { name: ".", kind: "directory", inode: typeof own === "string" ? 0 : own.inode },
    { name: "..", kind: "directory", inode: typeof above === "string" ? 0 : above.inode },
  ];
}

/** What a listing says is a hint; programs compare the number with `stat`'s. */
function inodeOf(host: Preview1Host, directory: Description, entry: DirectoryEntry): number {
  const stat = host.powers.files.stat(entry.name, false, directory.path ?? "/");
  return typeof stat === "string" ? entry.inode : stat.inode;
}

function direntOf(entry: DirectoryEntry, next: number): Uint8Array {
  const name = encoder.encode(entry.name);
  const record = new Uint8Array(DIRENT_BYTES + name.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(next), true);
  view.setBigUint64(8, BigInt(entry.inode), true);
  view.setUint32(16, name.length, true);
  view.setUint8(20, fileTypeOf(entry.kind));
  record.set(name, DIRENT_BYTES);
  return record;
}
