import type { FileResult, FileStat, FileTimes, NodeKind } from "../../../capabilities/files/file-system.ts";
import { toMilliseconds, toNanoseconds } from "../../time/nanoseconds.ts";
import type { Datetime } from "../clocks.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import { ok } from "./error-code.ts";

export interface DescriptorStat {
  readonly type: string;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: Datetime;
  readonly dataModificationTimestamp: Datetime;
  readonly statusChangeTimestamp: Datetime;
}

/** `new-timestamp`. */
export type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Datetime };

/** `descriptor-type` of a node. */
export function descriptorType(kind: NodeKind): string {
  if (kind === "directory") return "directory";
  return kind === "symlink" ? "symbolic-link" : "regular-file";
}

export function descriptorStat(host: Preview2Host, stat: FileStat): DescriptorStat {
  const { exactTimes } = host;
  return {
    type: descriptorType(stat.kind),
    linkCount: BigInt(stat.links),
    size: BigInt(stat.size),
    dataAccessTimestamp: datetimeOf(exactTimes.read(stat.inode, "accessed", stat.accessedMs)),
    dataModificationTimestamp: datetimeOf(exactTimes.read(stat.inode, "modified", stat.modifiedMs)),
    statusChangeTimestamp: datetimeOf(toNanoseconds(stat.changedMs)),
  };
}

/** Sets times and remembers their nanoseconds, also of a time that stays: hosts set both, and cut both. */
export function setTimes(
  host: Preview2Host,
  accessed: NewTimestamp,
  modified: NewTimestamp,
  look: () => FileResult<FileStat>,
  set: (times: FileTimes) => FileResult<void>,
): void {
  const before = look();
  const accessedNs = nanosecondsOf(host, accessed);
  const modifiedNs = nanosecondsOf(host, modified);
  ok(
    set({
      accessedMs: accessedNs === undefined ? undefined : toMilliseconds(accessedNs),
      modifiedMs: modifiedNs === undefined ? undefined : toMilliseconds(modifiedNs),
    }),
  );
  if (typeof before === "string") return;
  const { exactTimes } = host;
  const keep = (which: "accessed" | "modified", ms: number, wanted: bigint | undefined): void =>
    exactTimes.note(
      before.inode,
      which,
      wanted ?? exactTimes.read(before.inode, which, ms),
      wanted === undefined ? ms : toMilliseconds(wanted),
    );
  keep("accessed", before.accessedMs, accessedNs);
  keep("modified", before.modifiedMs, modifiedNs);
}

const SECOND_NS = 1_000_000_000n;

function datetimeOf(ns: bigint): Datetime {
  const positive = ns < 0n ? 0n : ns;
  return { seconds: positive / SECOND_NS, nanoseconds: Number(positive % SECOND_NS) };
}

function nanosecondsOf(host: Preview2Host, wanted: NewTimestamp): bigint | undefined {
  if (wanted.tag === "no-change") return undefined;
  if (wanted.tag === "now") return toNanoseconds(host.powers.clock.now());
  return BigInt.asUintN(64, wanted.val.seconds * SECOND_NS + BigInt(wanted.val.nanoseconds));
}
