import type { PortableFileSystem } from "../../capabilities/files/file-system.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import type { Language, SnapshotBase } from "../../guests/guest.ts";
import type { Platform } from "../../hosts/platform.ts";
import { resolveSnapshotOptions } from "../snapshot/snapshot-options.ts";
import type { SnapshotOptions } from "../snapshot/snapshot-options.ts";
import { writeImage } from "./image-file.ts";

/** A directory in memory that an image brings along. */
export type ImageMount = Extract<PortableFileSystem, { readonly kind: "memory" }>;

/** What is in an image. */
export interface ImageContent {
  readonly language: Language;
  readonly base: SnapshotBase;
  /** Shares what it has in common with the package's own image, and is shared by all sandboxes that start from it. */
  readonly state: StateImage;
  readonly mounts: ReadonlyMap<string, ImageMount>;
}

/**
 * A guest that has run its set-up code, for sandboxes to start from: `Sandbox.create({ image })`. Made by `prepare`, or read
 * by `loadImage`; immutable, and good for any number of sandboxes.
 */
export class SandboxImage {
  readonly #content: ImageContent;
  readonly #platform: Platform;

  constructor(content: ImageContent, platform: Platform) {
    this.#content = content;
    this.#platform = platform;
  }

  get language(): Language {
    return this.#content.language;
  }

  /** What sandboxes are made of; for `Sandbox.create`. */
  get content(): ImageContent {
    return this.#content;
  }

  /**
   * The image as bytes, for `loadImage` of the same version of the package.
   *
   * @throws TypeError, RangeError or WardianError "invalid-option" for wrong options.
   */
  async bytes(options?: SnapshotOptions): Promise<Uint8Array<ArrayBuffer>> {
    return await writeImage(this.#content, resolveSnapshotOptions(options), this.#platform);
  }
}
