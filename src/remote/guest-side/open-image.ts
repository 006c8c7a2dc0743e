import { decodeDelta } from "../../engine/snapshot/image-file.ts";
import { applyDelta } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import { guestFor } from "../../sandbox/build-sandbox.ts";
import { PreparedImage } from "../../sandbox/images/prepared-image.ts";
import type { SandboxHost } from "../../sandbox/sandbox-host.ts";
import type { PortableImage } from "../portable-image.ts";

/** The image of a host on another thread: its difference to the package's own, put onto that. */
export async function openImage(
  { language, base: identity, delta, mounts, guestHost }: PortableImage,
  host: SandboxHost,
): Promise<PreparedImage> {
  const { platform } = host;
  const base = await guestFor(host, language).snapshotBase?.(language, platform.assets, {
    digest: (bytes) => platform.digest(bytes),
  });
  if (base?.identity !== identity)
    throw new WardianError(
      "internal",
      "Cannot create a sandbox: the guest's thread has another version of the package",
    );
  const state = applyDelta(base.image, decodeDelta(delta, base.moduleDigest));
  // Packages are an option of their own.
  return new PreparedImage({ language, base, state, mounts, host: guestHost, installed: undefined }, platform);
}
