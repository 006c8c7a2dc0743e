import type { BigIntStats } from "node:fs";
import type { FileTimes } from "../../../capabilities/files/file-system.ts";

interface MergedTimes {
  readonly accessed: number | Date;
  readonly modified: number | Date;
}

/** Both times as `node:fs` takes them; the one that is not given stays as it is. */
export function mergedTimes(times: FileTimes, stats: BigIntStats): MergedTimes {
  return {
    accessed: nodeTime(times.accessedMs ?? Number(stats.atimeNs) / 1e6),
    modified: nodeTime(times.modifiedMs ?? Number(stats.mtimeNs) / 1e6),
  };
}

/** Seconds; but Node takes a negative number for "now", and only a Date for a time before 1970. */
function nodeTime(ms: number): number | Date {
  return ms < 0 ? new Date(ms) : ms / 1e3;
}
