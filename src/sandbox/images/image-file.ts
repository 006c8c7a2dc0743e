import { isLanguage } from "../../guests/language-facts.ts";
import type { FileSystemState } from "../../capabilities/files/file-system-state.ts";
import { decodeDelta, encodeDelta } from "../../engine/snapshot/image-file.ts";
import { applyDelta, deltaBetween, EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import type { Language, SnapshotBase } from "../../guests/guest.ts";
import type { Platform } from "../../hosts/platform.ts";
import { decodePlain, encodePlain } from "../snapshot/plain-data.ts";
import { fieldsOf, isCount, listOf } from "../snapshot/read-fields.ts";
import { sameBytes, sectionOf } from "../snapshot/read-sections.ts";
import { writeSections } from "../snapshot/sections.ts";
import type { Sections } from "../snapshot/sections.ts";
import type { ResolvedSnapshotOptions } from "../snapshot/snapshot-options.ts";
import { openMount } from "./open-mount.ts";
import type { ImageContent, ImageMount } from "./prepared-image.ts";

/*
 * A prepared image is a file of sections as a snapshot is (see ../snapshot/sections.ts): "KIND" (language, base and whether
 * the memory is whole), "DATA" (the mounts, the wheels and what is linked of them) and "IMAG" (the memory).
 */

/** Writes an image: what it differs in from the package's own, or all of it. */
export async function writeImage(
  { language, base, state, mounts, host, installed }: ImageContent,
  { key, whole }: ResolvedSnapshotOptions,
  platform: Platform,
): Promise<Uint8Array<ArrayBuffer>> {
  const { identity, moduleDigest } = base;
  const sections: Sections = new Map([
    ["KIND", encodePlain({ language, base: identity, moduleDigest, whole })],
    ["DATA", encodePlain({ mounts: [...mounts], packages: installed?.archives ?? [], host })],
    ["IMAG", encodeDelta(deltaBetween(whole ? EMPTY_IMAGE : base.image, state), moduleDigest)],
  ]);
  return await writeSections(sections, key, platform);
}

/** The language that an image says to be of: nothing else of it has been looked at. */
export function imageLanguage(sections: Sections): Language {
  const { language } = fieldsOf(decodePlain(sectionOf(sections, "KIND")));
  if (isLanguage(language)) return language;
  throw damaged("it is of no known language");
}

/** An image but for its packages, which are still packed. */
export interface ReadImage {
  readonly content: Omit<ImageContent, "installed">;
  readonly wheels: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Reads the sections of an image, which may be forged: the worst that it can do is to be a bad guest.
 *
 * @throws WardianError "invalid-snapshot" or "foreign-snapshot"
 */
export function readImage(sections: Sections, language: Language, base: SnapshotBase): ReadImage {
  const kind = fieldsOf(decodePlain(sectionOf(sections, "KIND")));
  if (kind["base"] !== base.identity || !sameBytes(kind["moduleDigest"], base.moduleDigest))
    throw new WardianError(
      "foreign-snapshot",
      "Cannot load an image: it was made with another version of this package; prepare it again",
    );
  const { mounts, packages, host } = fieldsOf(decodePlain(sectionOf(sections, "DATA")));
  const whole = kind["whole"] === true;
  let state;
  try {
    state = applyDelta(whole ? EMPTY_IMAGE : base.image, decodeDelta(sectionOf(sections, "IMAG"), base.moduleDigest));
  } catch (cause) {
    throw damaged(cause instanceof WardianError ? cause.message : "its memory is wrong", cause);
  }
  const content = { language, base, state, mounts: new Map(listOf(mounts).map(readMount)), host };
  return { content, wheels: listOf(packages).map(readWheelBytes) };
}

function readWheelBytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  throw damaged("its packages are wrong");
}

function readMount(value: unknown): readonly [string, ImageMount] {
  const [path, mount] = listOf(value);
  const { maxBytes, maxEntries, mode, state } = fieldsOf(mount);
  if (
    typeof path !== "string" ||
    !isCount(maxBytes) ||
    !isCount(maxEntries) ||
    (mode !== "read-only" && mode !== "read-write")
  )
    throw damaged("its files are wrong");
  const read: ImageMount = {
    kind: "memory",
    maxBytes,
    maxEntries,
    mode,
    state: fieldsOf(state) as unknown as FileSystemState,
  };
  try {
    // Once, for its checks: whatever is wrong is told here, and not when a sandbox is made.
    openMount(read);
  } catch (cause) {
    throw damaged("its files are wrong", cause);
  }
  return [path, read];
}

function damaged(why: string, cause?: unknown): WardianError {
  return new WardianError("invalid-snapshot", `Cannot load an image: ${why}`, cause === undefined ? {} : { cause });
}
