import { WardianError } from "../../errors.ts";
import { guestFor } from "../build-sandbox.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import type { SuspendedRun } from "../local/suspended-run.ts";
import { captureSandbox } from "./captured-sandbox.ts";
import { policyDigest } from "./policy-digest.ts";
import { writeSections } from "./sections.ts";
import { SNAPSHOT } from "./snapshot-options.ts";
import type { ResolvedSnapshotOptions } from "./snapshot-options.ts";
import { snapshotSections } from "./write-snapshot.ts";

/** The state of a sandbox as bytes. `run` is asked when it is captured: it throws if a run has begun meanwhile. */
export async function takeSnapshot(
  parts: SandboxParts,
  run: () => SuspendedRun | undefined,
  { key, whole }: ResolvedSnapshotOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { options, host, mounts } = parts;
  const { language, limits } = options;
  const base = await guestFor(host, language).snapshotBase?.(language, host.platform.assets, {
    module: options.module,
    digest: (binary) => host.platform.digest(binary),
  });
  const suspended = run();
  if (base === undefined) throw new WardianError("unsupported", `${SNAPSHOT}: a ${language} guest has no snapshots`);
  const header = {
    language,
    base: base.identity,
    moduleDigest: base.moduleDigest,
    whole,
    limits: { ...limits },
    policy: policyDigest(options, mounts),
  };
  const sections = snapshotSections(header, base, captureSandbox(parts, suspended, SNAPSHOT));
  return await writeSections(sections, key, host.platform);
}
