import { encodeDelta } from "../engine/snapshot/image-file.ts";
import { deltaBetween } from "../engine/snapshot/state-delta.ts";
import type { Language } from "../guests/guest.ts";
import type { ImageContent, PreparedImage } from "../sandbox/images/prepared-image.ts";

/** An image as it travels: what it differs in from the package's own, which the other end has too. */
export interface PortableImage {
  readonly language: Language;
  /** Identity of the package's image. */
  readonly base: string;
  readonly delta: Uint8Array;
  readonly mounts: ImageContent["mounts"];
  readonly guestHost: ImageContent["host"];
}

/** One for all the threads that start from an image. */
const made = new WeakMap<PreparedImage, PortableImage>();

export function portableImage(image: PreparedImage): PortableImage {
  let portable = made.get(image);
  if (portable === undefined) {
    const { language, base, state, mounts, host } = image.content;
    const delta = encodeDelta(deltaBetween(base.image, state), base.moduleDigest);
    made.set(image, (portable = { language, base: base.identity, delta, mounts, guestHost: host }));
  }
  return portable;
}
