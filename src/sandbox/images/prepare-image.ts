import { decodeDelta, encodeDelta } from "../../engine/snapshot/image-file.ts";
import { applyDelta, deltaBetween } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import type { Language } from "../../guests/guest.ts";
import { buildSandbox, guestFor } from "../build-sandbox.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import { LocalSandbox } from "../local/local-sandbox.ts";
import { resolveOptions, resolveRunOptions } from "../options.ts";
import type { SandboxOptions } from "../options.ts";
import { installPackages } from "../packages/install-packages.ts";
import type { SandboxHost } from "../sandbox-host.ts";
import { PreparedImage } from "./prepared-image.ts";
import type { SandboxImage } from "./sandbox-image.ts";
import type { ImageMount } from "./prepared-image.ts";

/** The options of the sandbox that runs the set-up code, and that code. */
export interface PrepareOptions extends Omit<SandboxOptions, "language" | "guest" | "image" | "execution" | "record"> {
  /**
   * Run once, as any source is: its imports, definitions and variables are there in every sandbox that starts from the image,
   * and so are the files that it leaves in memory directories. Open files, timers and pending calls are not.
   */
  readonly setup: string;
  /** What tracebacks call the set-up code. Default: as for `run`. */
  readonly filename?: string | undefined;
}

const PREPARE = "Cannot prepare an image";

/** @throws WardianError "setup-failed" if the code does not end well; as `Sandbox.create` for wrong options. */
export async function prepareOn(host: SandboxHost, language: Language, options: PrepareOptions): Promise<SandboxImage> {
  if (typeof options !== "object" || options === null || typeof options.setup !== "string")
    throw new TypeError(`${PREPARE}: give its code as { setup }`);
  const { setup, filename, ...rest } = options;
  const resolved = await installPackages(resolveOptions({ ...rest, language }), host.platform, PREPARE);
  const base = await guestFor(host, resolved.language).snapshotBase?.(language, host.platform.assets, {
    digest: (bytes) => host.platform.digest(bytes),
  });
  if (base === undefined) throw new WardianError("unsupported", `${PREPARE}: a ${language} guest has no images`);
  const parts = await buildSandbox(host, resolved);
  const sandbox = new LocalSandbox(parts);
  try {
    const result = await sandbox.run(setup, resolveRunOptions({ filename }, language, PREPARE), PREPARE);
    if (result.status !== "ok") throw setupFailed(result);
    parts.files.closeAll();
    const captured = parts.session.capture?.();
    if (captured === undefined) throw new WardianError("unsupported", `${PREPARE}: a ${language} guest has no images`);
    // Through bytes: what is captured is a view of a memory that goes with the sandbox.
    const delta = decodeDelta(
      encodeDelta(deltaBetween(base.image, captured.image), base.moduleDigest),
      base.moduleDigest,
    );
    const state = applyDelta(base.image, delta);
    const { installed } = resolved;
    const kept = installed === undefined ? undefined : captured.host;
    const mounts = mountsOf(parts);
    return new PreparedImage({ language, base, state, mounts, host: kept, installed }, host.platform);
  } finally {
    sandbox.close();
  }
}

function mountsOf({ mounts }: SandboxParts): ReadonlyMap<string, ImageMount> {
  const kept = new Map<string, ImageMount>();
  for (const [path, fileSystem] of mounts) {
    const portable = fileSystem.portable?.();
    if (portable?.kind === "memory") kept.set(path, portable);
  }
  return kept;
}

function setupFailed(result: Awaited<ReturnType<LocalSandbox["run"]>>): WardianError {
  const why =
    result.status === "error"
      ? `${result.error.name}: ${result.error.message}`
      : result.status === "limit"
        ? `it reached the ${result.limit} limit`
        : result.status;
  return new WardianError("setup-failed", `${PREPARE}: its set-up code did not end well: ${why}`, { cause: result });
}
