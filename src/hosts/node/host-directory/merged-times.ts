import type { BigIntStats } from "node:fs";
import type { FileTimes } from "../../../capabilities/files/file-system.ts";

/** Both times in seconds, as `node:fs` takes them; the one that is not given stays as it is. */
export function mergedTimes(times: FileTimes, stats: BigIntStats): { readonly accessed: number; readonly modified: number } {
  return {
    accessed: (times.accessedMs ?? Number(stats.atimeNs) / 1e6) / 1e3,
    modified: (times.modifiedMs ?? Number(stats.mtimeNs) / 1e6) / 1e3,
  };
}
