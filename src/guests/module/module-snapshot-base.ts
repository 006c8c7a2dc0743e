import { EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import type { SnapshotBase, SnapshotBinary } from "../guest.ts";

/** The base of a binary's snapshots: none, and the digest of its bytes to know it by. */
export async function moduleSnapshotBase({ module, digest }: SnapshotBinary): Promise<SnapshotBase> {
  if (module === undefined) throw new WardianError("internal", "Cannot copy a guest: its binary is not given");
  const hex = await digest(module.bytes);
  const moduleDigest = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return { identity: `${module.kind} ${hex}`, moduleDigest, image: EMPTY_IMAGE };
}
