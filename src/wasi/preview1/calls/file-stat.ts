import type { FileResult, FileStat, FileTimes } from "../../../capabilities/files/file-system.ts";
import { ERRNO, errnoOf } from "../errno.ts";
import type { DescriptionKind } from "../description.ts";
import { toMilliseconds, toNanoseconds } from "../../time/nanoseconds.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { ALL_FSTFLAGS, FILETYPE, FSTFLAG } from "./flags.ts";

const FILESTAT_BYTES = 64;

/** Writes a `filestat`. `as` says what the descriptor is when it is no plain node. All files are on device 1. */
export function writeFileStat(host: Preview1Host, result: number, stat: FileStat, as?: DescriptionKind): number {
  const { memory, exactTimes } = host;
  const at = result >>> 0;
  if (!memory.clear(at, FILESTAT_BYTES)) return ERRNO.EFAULT;
  memory.setI64(at, 1);
  memory.setI64(at + 8, stat.inode);
  memory.setU8(at + 16, as === "device" || as === "pipe" ? FILETYPE.UNKNOWN : fileTypeOf(stat.kind));
  memory.setI64(at + 24, stat.links);
  memory.setI64(at + 32, stat.size);
  memory.setI64(at + 40, exactTimes.read(stat.inode, "accessed", stat.accessedMs));
  memory.setI64(at + 48, exactTimes.read(stat.inode, "modified", stat.modifiedMs));
  memory.setI64(at + 56, toNanoseconds(stat.changedMs));
  return ERRNO.SUCCESS;
}

/** The `filetype` of a node. */
export function fileTypeOf(kind: FileStat["kind"]): number {
  if (kind === "directory") return FILETYPE.DIRECTORY;
  return kind === "symlink" ? FILETYPE.SYMBOLIC_LINK : FILETYPE.REGULAR_FILE;
}

/** The times that a guest asks to set, with its own nanoseconds. */
export interface WantedTimes {
  readonly times: FileTimes;
  readonly accessedNs: bigint | undefined;
  readonly modifiedNs: bigint | undefined;
}

/** Reads the arguments of the `…_set_times` calls; an errno if the flags contradict each other. */
export function wantedTimes(
  host: Preview1Host,
  accessed: bigint,
  modified: bigint,
  flags: number,
): WantedTimes | number {
  const both = (a: number, b: number): boolean => (flags & a) !== 0 && (flags & b) !== 0;
  if ((flags & ~ALL_FSTFLAGS) !== 0 || both(FSTFLAG.ATIM, FSTFLAG.ATIM_NOW) || both(FSTFLAG.MTIM, FSTFLAG.MTIM_NOW))
    return ERRNO.EINVAL;
  const now = toNanoseconds(host.powers.clock.now());
  const pick = (given: bigint, set: number, setNow: number): bigint | undefined => {
    if ((flags & set) !== 0) return BigInt.asUintN(64, given);
    return (flags & setNow) !== 0 ? now : undefined;
  };
  const accessedNs = pick(accessed, FSTFLAG.ATIM, FSTFLAG.ATIM_NOW);
  const modifiedNs = pick(modified, FSTFLAG.MTIM, FSTFLAG.MTIM_NOW);
  return {
    times: {
      accessedMs: accessedNs === undefined ? undefined : toMilliseconds(accessedNs),
      modifiedMs: modifiedNs === undefined ? undefined : toMilliseconds(modifiedNs),
    },
    accessedNs,
    modifiedNs,
  };
}

/**
 * Sets times and remembers their nanoseconds, also those of the time that stays: hosts set both, and cut both.
 */
export function setExactTimes(
  host: Preview1Host,
  { times, accessedNs, modifiedNs }: WantedTimes,
  look: () => FileResult<FileStat>,
  set: (times: FileTimes) => FileResult<void>,
): number {
  const stat = look();
  const result = set(times);
  if (typeof result === "string") return errnoOf(result);
  if (typeof stat === "string") return ERRNO.SUCCESS;
  const { exactTimes } = host;
  const { inode } = stat;
  const keep = (which: "accessed" | "modified", ms: number, wanted: bigint | undefined, wantedMs = ms): void =>
    exactTimes.note(inode, which, wanted ?? exactTimes.read(inode, which, ms), wantedMs);
  keep("accessed", stat.accessedMs, accessedNs, times.accessedMs);
  keep("modified", stat.modifiedMs, modifiedNs, times.modifiedMs);
  return ERRNO.SUCCESS;
}
