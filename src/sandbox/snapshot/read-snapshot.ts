import type { FileSystemState } from "../../capabilities/files/file-system-state.ts";
import type { RandomState } from "../../capabilities/random.ts";
import { decodeDelta } from "../../engine/snapshot/image-file.ts";
import { applyDelta, EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import type { SnapshotBase } from "../../guests/guest.ts";
import type { CapturedSandbox } from "./captured-sandbox.ts";
import type { Limits } from "../limits.ts";
import { decodePlain } from "./plain-data.ts";
import { readClock } from "./read-clock.ts";
import { fieldsOf } from "./read-fields.ts";
import type { Fields } from "./read-fields.ts";
import { readRun } from "./read-run.ts";
import { sameBytes, sectionOf } from "./read-sections.ts";
import type { Sections } from "./sections.ts";

/** What a snapshot must be of to be restored here. */
export interface Expected {
  readonly language: string;
  readonly base: SnapshotBase;
  readonly limits: Limits;
  /** Undefined: any. */
  readonly policy: Uint8Array | undefined;
}

/**
 * Reads the sections of a snapshot, which may be forged. What the guest and the file systems take over is checked by them.
 *
 * @throws WardianError "invalid-snapshot" or "foreign-snapshot"
 */
export function readSnapshot(sections: Sections, expected: Expected): CapturedSandbox {
  const { base } = expected;
  const whole = readHeader(sectionOf(sections, "HEAD"), expected);
  const { host, files, clock, random, run } = fieldsOf(decodePlain(sectionOf(sections, "DATA")));
  return {
    session: { image: readImage(sectionOf(sections, "IMAG"), base, whole), host },
    files: readFiles(files),
    clock: clock === undefined ? undefined : readClock(clock),
    random: random === undefined ? undefined : readRandom(fieldsOf(random)),
    run: run === undefined ? undefined : readRun(run, expected.limits),
  };
}

function readHeader(bytes: Uint8Array, { language, base, policy }: Expected): boolean {
  const header = fieldsOf(decodePlain(bytes));
  if (header["language"] !== language)
    throw foreign(`it is of a ${textOf(header["language"])} sandbox, and the options say "${language}"`);
  if (header["base"] !== base.identity || !sameBytes(header["moduleDigest"], base.moduleDigest))
    throw foreign("it was taken with another version of this package");
  if (policy !== undefined && !sameBytes(header["policy"], policy))
    throw foreign(
      "it was taken with other limits, mounts, grants or environment; give the same options, or acceptPolicyChange: true",
    );
  const whole = header["whole"];
  if (typeof whole !== "boolean") throw damaged("its header is wrong");
  return whole;
}

function readImage(bytes: Uint8Array, base: SnapshotBase, whole: boolean): StateImage {
  try {
    return applyDelta(whole ? EMPTY_IMAGE : base.image, decodeDelta(bytes, base.moduleDigest));
  } catch (cause) {
    if (!(cause instanceof WardianError)) throw cause;
    throw new WardianError("invalid-snapshot", cause.message.replace("a state image", "a snapshot's memory"), {
      cause,
    });
  }
}

function readFiles(value: unknown): ReadonlyMap<string, FileSystemState> {
  if (!Array.isArray(value)) throw damaged("its files are wrong");
  const files = new Map<string, FileSystemState>();
  for (const entry of value as unknown[]) {
    const [path, state] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof path !== "string" || files.has(path)) throw damaged("its files are wrong");
    files.set(path, fieldsOf(state) as unknown as FileSystemState);
  }
  return files;
}

/** Each is a fork or a restore. */
const MAX_LABELS = 10_000;

function readRandom({ labels, position }: Fields): RandomState {
  const sound =
    Array.isArray(labels) &&
    labels.length <= MAX_LABELS &&
    labels.every((label) => typeof label === "string" && label.length < 100) &&
    typeof position === "number" &&
    Number.isSafeInteger(position) &&
    position >= 0;
  if (!sound) throw damaged("its random state is wrong");
  return { labels: labels as readonly string[], position };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : "nameless";
}

function foreign(why: string): WardianError {
  return new WardianError("foreign-snapshot", `Cannot restore a snapshot: ${why}`);
}

function damaged(why: string): WardianError {
  return new WardianError("invalid-snapshot", `Cannot read a snapshot: ${why}`);
}
