import { WardianError } from "../../errors.ts";
import { buildSandbox, guestFor, mountsOf } from "../build-sandbox.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import type { ResolvedOptions } from "../options.ts";
import type { SuspendedRun } from "../local/suspended-run.ts";
import type { SandboxHost } from "../sandbox-host.ts";
import { policyDigest } from "./policy-digest.ts";
import { readSnapshot } from "./read-snapshot.ts";
import { readSections } from "./sections.ts";
import { DEFAULT_ROOM_BYTES, RESTORE } from "./snapshot-options.ts";
import type { ResolvedRestoreOptions } from "./snapshot-options.ts";

/** What only a host on another thread can tell of how a snapshot is read. */
export interface RestoreSettings extends ResolvedRestoreOptions {
  /** Digest of what the restored sandbox may do. Default: that of the options. */
  readonly policy?: Uint8Array | undefined;
  /** What tells its random numbers from those of others that go on from the same state. Default: "restore". */
  readonly label?: string | undefined;
}

/** Makes a sandbox out of a snapshot, or nothing at all. Throws the typed errors of each step. */
export async function restoreSandbox(
  host: SandboxHost,
  given: unknown,
  options: ResolvedOptions,
  how: RestoreSettings,
): Promise<{ readonly parts: SandboxParts; readonly run: SuspendedRun | undefined }> {
  if (!(given instanceof Uint8Array)) throw new TypeError(`${RESTORE}: the snapshot must be a Uint8Array`);
  if (options.record !== undefined)
    throw new WardianError("unsupported", `${RESTORE}: a recording begins at a sandbox's creation; leave out "record"`);
  // A copy: what was checked is what is used.
  const bytes = Uint8Array.from(given);
  const { language, limits } = options;
  const base = await guestFor(host, language).snapshotBase?.(language, host.platform.assets, {
    module: options.module,
    digest: (binary) => host.platform.digest(binary),
  });
  if (base === undefined) throw new WardianError("unsupported", `${RESTORE}: a ${language} guest has no snapshots`);
  const maxBytes = how.maxBytes ?? limits.memoryBytes + DEFAULT_ROOM_BYTES;
  const sections = await readSections(bytes, { key: how.key, maxBytes }, host.platform);
  const policy = how.acceptPolicyChange ? undefined : (how.policy ?? policyDigest(options, mountsOf(options)));
  const state = readSnapshot(sections, { language, base, limits, policy });
  const parts = await buildSandbox(host, options, {
    state,
    reseed: how.identical ? undefined : (how.label ?? "restore"),
  });
  return { parts, run: state.run };
}
