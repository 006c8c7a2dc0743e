import type { FileStat } from "../../../capabilities/files/file-system.ts";
import type { DescriptionKind } from "../../../wasi/preview1/description.ts";
import type { GuestMemory } from "../../../wasi/preview1/guest-memory.ts";

/** Size of Emscripten's `struct stat` (musl, wasm32, 64-bit times). */
const STAT_BYTES = 96;

const S_IFIFO = 0o010000;
const S_IFCHR = 0o020000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/** Writes a `struct stat`; false if it does not lie within memory. `as` says what the descriptor is when it is no plain node. */
export function writeStat(memory: GuestMemory, address: number, stat: FileStat, as?: DescriptionKind): boolean {
  const at = address >>> 0;
  if (!memory.clear(at, STAT_BYTES)) return false;
  memory.setU32(at, 1);
  memory.setU32(at + 4, modeOf(stat, as));
  memory.setU32(at + 8, stat.links);
  memory.setI64(at + 24, stat.size);
  memory.setU32(at + 32, 4096);
  memory.setU32(at + 36, Math.ceil(stat.size / 512));
  writeTime(memory, at + 40, stat.accessedMs);
  writeTime(memory, at + 56, stat.modifiedMs);
  writeTime(memory, at + 72, stat.changedMs);
  memory.setI64(at + 88, stat.inode);
  return true;
}

export function modeOf(stat: FileStat, as?: DescriptionKind): number {
  if (as === "device") return S_IFCHR | 0o666;
  if (as === "pipe") return S_IFIFO | 0o600;
  switch (stat.kind) {
    case "directory":
      return S_IFDIR | (stat.writable ? 0o755 : 0o555);
    case "symlink":
      return S_IFLNK | 0o777;
    case "file":
      return S_IFREG | (stat.writable ? 0o644 : 0o444);
  }
}

function writeTime(memory: GuestMemory, address: number, ms: number): void {
  const seconds = Math.floor(ms / 1000);
  memory.setI64(address, seconds);
  memory.setU32(address + 8, Math.min(Math.round((ms - seconds * 1000) * 1e6), 999_999_999));
}
