import type { Language } from "../../guests/guest.ts";
import type { SnapshotOptions } from "../snapshot/snapshot-options.ts";

/**
 * A guest that has run its set-up code, for sandboxes to start from: `Sandbox.create({ image })`. Made by `prepare`, or read
 * by `loadImage`; immutable, and good for any number of sandboxes.
 */
export interface SandboxImage {
  readonly language: Language;
  /**
   * The image as bytes, for `loadImage` of the same version of the package.
   *
   * @throws TypeError, RangeError or WardianError "invalid-option" for wrong options.
   */
  bytes(options?: SnapshotOptions): Promise<Uint8Array<ArrayBuffer>>;
}
