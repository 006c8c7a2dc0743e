import { WardianError } from "../errors.ts";
import type { StartWorker } from "../hosts/worker-link.ts";
import type { ResolvedOptions } from "../sandbox/options.ts";
import type { SandboxDriver } from "../sandbox/sandbox-driver.ts";
import type { CreateRemote, SandboxHost } from "../sandbox/sandbox-host.ts";
import { mountsOf } from "../sandbox/build-sandbox.ts";
import { policyDigest } from "../sandbox/snapshot/policy-digest.ts";
import { unsignSections } from "../sandbox/snapshot/sections.ts";
import { DEFAULT_ROOM_BYTES, RESTORE } from "../sandbox/snapshot/snapshot-options.ts";
import type { PortableState } from "./protocol.ts";
import { portableOptions } from "./portable-options.ts";
import { RemoteSandbox } from "./remote-sandbox.ts";

const CREATE = "Cannot create a sandbox";

/**
 * Starts a worker or a process and a sandbox in it.
 *
 * @throws WardianError "unsupported" where there is no such thing or an option cannot go there; what the sandbox's creation throws.
 */
export async function createRemoteSandbox(
  host: SandboxHost,
  options: ResolvedOptions,
  from?: Parameters<CreateRemote>[2],
): Promise<SandboxDriver> {
  const start = starterOf(host, options);
  const portable = portableOptions(options, CREATE);
  options.signal?.throwIfAborted();
  const { rules } = options.network;
  if (rules.length > 0 && options.fetch === undefined) await (options.transport ?? host.platform.transport).prepare?.();
  const policy = policyDigest(options, mountsOf(options));
  const parts = { host, options, portable, start, policy };
  return await RemoteSandbox.start(parts, from && (await portableState(host, options, policy, from)));
}

/** The signature is checked here: a guest that broke out of its engine must not find the key. All else is read over there. */
async function portableState(
  { platform }: SandboxHost,
  { limits }: ResolvedOptions,
  policy: Uint8Array,
  { snapshot, how }: NonNullable<Parameters<CreateRemote>[2]>,
): Promise<PortableState> {
  if (!(snapshot instanceof Uint8Array)) throw new TypeError(`${RESTORE}: the snapshot must be a Uint8Array`);
  const maxBytes = how.maxBytes ?? limits.memoryBytes + DEFAULT_ROOM_BYTES;
  const unsigned = await unsignSections(Uint8Array.from(snapshot), { key: how.key, maxBytes }, platform);
  return {
    snapshot: unsigned,
    policy: how.acceptPolicyChange ? undefined : policy,
    label: how.identical ? undefined : "restore",
    maxBytes,
  };
}

function starterOf({ platform }: SandboxHost, { execution }: ResolvedOptions): StartWorker {
  const start = execution === "process" ? platform.startProcess : platform.startThread;
  if (start !== undefined) return start;
  const instead = execution === "process" && platform.startThread !== undefined ? "worker" : "inline";
  throw new WardianError(
    "unsupported",
    `${CREATE}: execution "${execution}" does not exist on this platform; use "${instead}"`,
  );
}
