import type { InputSource } from "../../capabilities/environment.ts";
import type { FileSystem, PortableFileSystem } from "../../capabilities/files/file-system.ts";
import { memoryDirectory } from "../../capabilities/files/memory/memory-directory.ts";
import { overlayDirectory } from "../../capabilities/files/overlay/overlay-directory.ts";
import { resolveNetwork } from "../../capabilities/network/policy/resolve-network.ts";
import { tool } from "../../capabilities/tools/tool.ts";
import { WardianError } from "../../errors.ts";
import type { Platform } from "../../hosts/platform.ts";
import { installPackages } from "../../sandbox/packages/install-packages.ts";
import type { ResolvedOptions, ResolvedRunOptions } from "../../sandbox/options.ts";
import type { SandboxHost } from "../../sandbox/sandbox-host.ts";
import { openImage } from "./open-image.ts";
import type { PortableInput, PortableOptions, PortableRunOptions } from "../portable-options.ts";

/** What only the guest's side knows of a run. */
export interface Ends {
  readonly input: InputSource;
  readonly onOutput: NonNullable<ResolvedOptions["onOutput"]>;
}

/** Options that have arrived, with directories opened here and everything live pointing back to the host. */
export async function openOptions(options: PortableOptions, host: SandboxHost, ends: Ends): Promise<ResolvedOptions> {
  const { platform } = host;
  const files = new Map<string, FileSystem>();
  for (const { paths, system } of options.mounts) {
    const opened = await openFileSystem(system, platform);
    for (const path of paths) files.set(path, opened);
  }
  const opened: ResolvedOptions = {
    language: options.language,
    module: options.module,
    limits: options.limits,
    files,
    packages: { sources: options.packages, lock: undefined },
    installed: undefined,
    // The rules and the secrets stay with the host, which sends the requests.
    network: resolveNetwork(options.granted ? { allow: [ASK_THE_HOST] } : undefined, "Cannot create a sandbox"),
    image: options.image && (await openImage(options.image, host)),
    fetch: undefined,
    transport: NO_TRANSPORT,
    tools: new Map(options.toolNames.map((name) => [name, HOST_TOOL])),
    environment: { env: options.env, args: options.args },
    stdin: openInput(options.stdin, ends),
    clock: options.clock,
    random: options.random,
    execution: "inline",
    record: options.record,
    // Read by the host before the run begins.
    stream: undefined,
    output: options.output,
    onOutput: options.streams ? ends.onOutput : undefined,
    onCall: undefined,
    graceMs: options.graceMs,
    signal: undefined,
  };
  return await installPackages(opened, platform, "Cannot create a sandbox");
}

export function openRunOptions(options: PortableRunOptions, ends: Ends): ResolvedRunOptions {
  const { stdin, ...rest } = options;
  return {
    ...rest,
    stdin: stdin === undefined ? undefined : openInput(stdin, ends),
    signal: undefined,
  };
}

/** Never asked: it only says that there is a network. */
const ASK_THE_HOST = "https://host.invalid/";
const NO_TRANSPORT: NonNullable<ResolvedOptions["transport"]> = {
  send: () => Promise.reject(new WardianError("internal", "Cannot send a request from a guest's thread")),
};
/** Never called: only its name is used here. */
const HOST_TOOL = tool({ run: () => undefined });

function openInput(stdin: PortableInput, ends: Ends): string | Uint8Array | InputSource {
  return typeof stdin === "string" || stdin instanceof Uint8Array ? stdin : ends.input;
}

async function openFileSystem(system: PortableFileSystem, platform: Platform): Promise<FileSystem> {
  if (system.kind === "memory") {
    const { maxBytes, maxEntries, mode, state } = system;
    const directory = memoryDirectory({ maxBytes, maxEntries, mode });
    directory.restore(state);
    return directory;
  }
  if (system.kind === "overlay") {
    const { over, maxBytes, maxEntries, state } = system;
    const overlay = overlayDirectory({ over: await openFileSystem(over, platform), maxBytes, maxEntries });
    overlay.restore(state);
    return overlay;
  }
  if (platform.openDirectory === undefined)
    throw new WardianError("unsupported", "Cannot create a sandbox: this platform has no host directories");
  const directory = await platform.openDirectory(system.options);
  if (system.state !== undefined) directory.restore?.(system.state);
  return directory;
}
