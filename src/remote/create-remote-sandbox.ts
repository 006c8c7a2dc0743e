import { WardianError } from "../errors.ts";
import type { StartWorker } from "../hosts/worker-link.ts";
import type { ResolvedOptions } from "../sandbox/options.ts";
import type { SandboxDriver } from "../sandbox/sandbox-driver.ts";
import type { SandboxHost } from "../sandbox/sandbox-host.ts";
import { portableOptions } from "./portable-options.ts";
import { RemoteSandbox } from "./remote-sandbox.ts";

const CREATE = "Cannot create a sandbox";

/**
 * Starts a worker or a process and a sandbox in it.
 *
 * @throws WardianError "unsupported" where there is no such thing or an option cannot go there; what the sandbox's creation throws.
 */
export async function createRemoteSandbox(host: SandboxHost, options: ResolvedOptions): Promise<SandboxDriver> {
  const start = starterOf(host, options);
  const portable = portableOptions(options, CREATE);
  options.signal?.throwIfAborted();
  const { rules } = options.network;
  if (rules.length > 0 && options.fetch === undefined) await (options.transport ?? host.platform.transport).prepare?.();
  return await RemoteSandbox.start(host, options, portable, start);
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
