import { isLanguage } from "../../guests/language-facts.ts";
import type { Platform } from "../../hosts/platform.ts";
import type { ResolvedOptions } from "../options.ts";
import type { PreparedImage } from "../images/prepared-image.ts";
import { engineMark } from "./engine-mark.ts";

/** Between the mark of a build and the digest of the image that a sandbox began with. */
const BEGAN_WITH = "+image:";

const digests = new WeakMap<PreparedImage, Promise<string>>();

/** Tells what a sandbox began with from all else: the build of its language, its image if it had one, or its binary. */
export async function guestMark(
  { language, module, image }: Pick<ResolvedOptions, "language" | "module" | "image">,
  platform: Platform,
): Promise<string> {
  if (module !== undefined || !isLanguage(language))
    return `${language}:${module === undefined ? "" : await platform.digest(module.bytes)}`;
  const mark = await engineMark(language, platform.assets);
  return image === undefined ? mark : `${mark}${BEGAN_WITH}${await imageDigest(image, platform)}`;
}

/** Whether the mark is that of a sandbox that began with an image. */
export function marksImage(mark: string): boolean {
  return mark.includes(BEGAN_WITH);
}

function imageDigest(image: PreparedImage, platform: Platform): Promise<string> {
  let digest = digests.get(image);
  if (digest === undefined) {
    digest = image.bytes().then((bytes) => platform.digest(bytes));
    digests.set(image, digest);
  }
  return digest;
}
