import { fitsState, restoreState } from "../engine/snapshot/restore-state.ts";
import type { GuestState, StateImage } from "../engine/snapshot/state-image.ts";
import { WardianError } from "../errors.ts";

/**
 * Puts an image that may be forged into a new instance. `link`: what writes to its memory first, once that has the image's
 * size; the image has the last word.
 *
 * @throws WardianError "invalid-snapshot" if it does not fit the instance, "invalid-option" if it is larger than the limit.
 */
export function adoptState(image: StateImage, state: GuestState, memoryBytes: number, link?: () => void): void {
  if (!fitsState(image, state))
    throw new WardianError("invalid-snapshot", "Cannot restore a snapshot: its state is not that of this guest");
  const needed = Math.max(0, ...image.memories.map(({ byteLength }) => byteLength));
  const outcome =
    needed > memoryBytes
      ? { kind: "too-small" }
      : restoreState(image, state, { blank: true, maxGrowthBytes: Number.POSITIVE_INFINITY });
  if (outcome.kind === "restored") {
    if (link === undefined) return;
    link();
    restoreState(image, state, { maxGrowthBytes: Number.POSITIVE_INFINITY });
    return;
  }
  throw new WardianError(
    "invalid-option",
    `Cannot restore a guest: limits.memoryBytes is ${memoryBytes}, and its memory has ${needed} bytes`,
  );
}
