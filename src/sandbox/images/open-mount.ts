import type { FileSystem } from "../../capabilities/files/file-system.ts";
import { memoryDirectory } from "../../capabilities/files/memory/memory-directory.ts";
import type { ImageMount } from "./prepared-image.ts";

/** A directory of one sandbox's own with the content that an image brings along; the bytes are shared until it writes. */
export function openMount({ maxBytes, maxEntries, mode, state }: ImageMount): FileSystem {
  const directory = memoryDirectory({ maxBytes, maxEntries, mode });
  directory.restore?.(state);
  return directory;
}
