import type { PortableFileSystem } from "../../capabilities/files/file-system.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import type { Language, SnapshotBase } from "../../guests/guest.ts";
import type { InstalledPackages } from "../../guests/python/packages/installed-packages.ts";
import type { Platform } from "../../hosts/platform.ts";
import { resolveSnapshotOptions } from "../snapshot/snapshot-options.ts";
import type { SnapshotOptions } from "../snapshot/snapshot-options.ts";
import { writeImage } from "./image-file.ts";
import type { SandboxImage } from "./sandbox-image.ts";

/** A directory in memory that an image brings along. */
export type ImageMount = Extract<PortableFileSystem, { readonly kind: "memory" }>;

/** What is in an image. */
export interface ImageContent {
  readonly language: Language;
  readonly base: SnapshotBase;
  /** Shares what it has in common with the package's own image, and is shared by all sandboxes that start from it. */
  readonly state: StateImage;
  readonly mounts: ReadonlyMap<string, ImageMount>;
  /** What the guest's host keeps beside it: which extension modules are linked. Undefined without packages; it may be forged. */
  readonly host: unknown;
  /** The packages that its set-up code had. */
  readonly installed: InstalledPackages | undefined;
}

/** The image of one `prepare` or `loadImage`. */
export class PreparedImage implements SandboxImage {
  /** What sandboxes are made of. */
  readonly content: ImageContent;
  readonly #platform: Platform;

  constructor(content: ImageContent, platform: Platform) {
    this.content = content;
    this.#platform = platform;
  }

  get language(): Language {
    return this.content.language;
  }

  async bytes(options?: SnapshotOptions): Promise<Uint8Array<ArrayBuffer>> {
    return await writeImage(this.content, resolveSnapshotOptions(options), this.#platform);
  }
}
