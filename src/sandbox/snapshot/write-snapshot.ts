import { encodeDelta } from "../../engine/snapshot/image-file.ts";
import { deltaBetween, EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import type { SnapshotBase } from "../../guests/guest.ts";
import type { CapturedSandbox } from "./captured-sandbox.ts";
import { encodePlain } from "./plain-data.ts";
import type { Sections } from "./sections.ts";

/** What the header of a snapshot says: enough to refuse a foreign one before anything of it is read. */
export interface SnapshotHeader {
  readonly language: string;
  /** Tells the image of the package that it belongs to. */
  readonly base: string;
  readonly moduleDigest: Uint8Array;
  /** Whether the memory is all there, or only what differs from the base. */
  readonly whole: boolean;
  /** Limits of the sandbox that it was taken of, for whoever asks; nothing is set by them. */
  readonly limits: Readonly<Record<string, number>>;
  readonly policy: Uint8Array;
}

/** The sections of a snapshot. Everything is copied when this returns. */
export function snapshotSections(header: SnapshotHeader, base: SnapshotBase, captured: CapturedSandbox): Sections {
  const { session, files, clock, random, run } = captured;
  if (session.image.tables.length > 0)
    throw new WardianError("unsupported", "Cannot write a snapshot: the guest has changed its tables of functions");
  return new Map([
    ["HEAD", encodePlain(header)],
    ["DATA", encodePlain({ host: session.host, files: [...files], clock, random, run })],
    ["IMAG", encodeDelta(deltaBetween(header.whole ? EMPTY_IMAGE : base.image, session.image), header.moduleDigest)],
  ]);
}
