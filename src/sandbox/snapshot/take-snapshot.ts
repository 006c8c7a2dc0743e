import { WardianError } from "../../errors.ts";
import { guestFor } from "../build-sandbox.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import type { SpentPowers } from "../local/run-calls.ts";
import type { SuspendedRun } from "../local/suspended-run.ts";
import { captureSandbox } from "./captured-sandbox.ts";
import { policyDigest } from "./policy-digest.ts";
import { writeSections } from "./sections.ts";
import { SNAPSHOT } from "./snapshot-options.ts";
import type { ResolvedSnapshotOptions } from "./snapshot-options.ts";
import { snapshotSections } from "./write-snapshot.ts";

/** What only a host on another thread can tell of a sandbox's snapshot. */
export interface SnapshotTold {
  /** Digest of what the sandbox may do. Default: that of the options. */
  readonly policy?: Uint8Array | undefined;
  /** What a suspended run has used of its host's powers. Default: as the run has noted. */
  readonly powers?: SpentPowers | undefined;
  /** False: sections are stored as they are, for bytes that are read at once. Default true. */
  readonly pack?: boolean | undefined;
}

/** The state of a sandbox as bytes. `run` is asked when it is captured: it throws if a run has begun meanwhile. */
export async function takeSnapshot(
  parts: SandboxParts,
  run: () => SuspendedRun | undefined,
  { key, whole }: ResolvedSnapshotOptions,
  told: SnapshotTold = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { options, host, mounts } = parts;
  const { language, limits } = options;
  const base = await guestFor(host, language).snapshotBase?.(language, host.platform.assets, {
    module: options.module,
    digest: (binary) => host.platform.digest(binary),
  });
  const noted = run();
  const suspended = noted && told.powers ? { ...noted, powers: told.powers } : noted;
  if (base === undefined) throw new WardianError("unsupported", `${SNAPSHOT}: a ${language} guest has no snapshots`);
  const header = {
    language,
    base: base.identity,
    moduleDigest: base.moduleDigest,
    whole,
    limits: { ...limits },
    policy: told.policy ?? policyDigest(options, mounts),
  };
  const sections = snapshotSections(header, base, captureSandbox(parts, suspended, SNAPSHOT));
  const { platform } = host;
  return await writeSections(sections, key, told.pack === false ? { ...platform, compress: unchanged } : platform);
}

function unchanged(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return Promise.resolve(bytes);
}
