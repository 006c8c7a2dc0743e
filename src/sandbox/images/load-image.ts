import { WardianError } from "../../errors.ts";
import { loadPackages } from "../../guests/python/packages/load-packages.ts";
import { guestFor } from "../build-sandbox.ts";
import type { SandboxHost } from "../sandbox-host.ts";
import { readSections } from "../snapshot/sections.ts";
import { resolveLoadOptions } from "../snapshot/snapshot-options.ts";
import type { LoadOptions } from "../snapshot/snapshot-options.ts";
import { imageLanguage, readImage } from "./image-file.ts";
import { PreparedImage } from "./prepared-image.ts";
import type { SandboxImage } from "./sandbox-image.ts";

/** What an image may unpack to unless its reader says otherwise. */
const DEFAULT_MAX_BYTES = 512 * 2 ** 20;

/** @throws WardianError "invalid-snapshot", "foreign-snapshot" or "snapshot-signature"; TypeError or RangeError for wrong options. */
export async function loadImageOn(
  host: SandboxHost,
  bytes: Uint8Array,
  options: LoadOptions | undefined,
): Promise<SandboxImage> {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("Cannot load an image: its bytes must be a Uint8Array");
  const { key, maxBytes = DEFAULT_MAX_BYTES } = resolveLoadOptions(options);
  const sections = await readSections(Uint8Array.from(bytes), { key, maxBytes }, host.platform);
  const language = imageLanguage(sections);
  const base = await guestFor(host, language).snapshotBase?.(language, host.platform.assets, {
    digest: (binary) => host.platform.digest(binary),
  });
  if (base === undefined) throw new WardianError("unsupported", `Cannot load an image: a ${language} guest has none`);
  const { content, wheels } = readImage(sections, language, base);
  const installed =
    wheels.length === 0
      ? undefined
      : await loadPackages(
          wheels.map((wheel, index) => ({ what: `packages[${index}]`, bytes: wheel })),
          undefined,
          host.platform,
        );
  return new PreparedImage({ ...content, installed }, host.platform);
}
