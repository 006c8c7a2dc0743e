/**
 * Wardian: runs code that you did not write inside WebAssembly, under fuel, time, memory, stack and output limits.
 * This entry is runtime-neutral; `wardian/node` adds what only Node has.
 */
import { host } from "./host.ts";
import { withOwnFiles } from "./pool/own-files.ts";
import { Pool as PoolBase } from "./pool/pool.ts";
import type { PoolOptions } from "./pool/pool-options.ts";
import { replayOn } from "./sandbox/recording/replay.ts";
import type { ReplayOptions } from "./sandbox/recording/replay-options.ts";
import { Sandbox as SandboxBase } from "./sandbox/sandbox.ts";
import type { RunOptions, SandboxOptions } from "./sandbox/options.ts";
import type { RunResult } from "./sandbox/result.ts";
import type { Language } from "./guests/guest.ts";
import { loadImageOn } from "./sandbox/images/load-image.ts";
import { prepareOn } from "./sandbox/images/prepare-image.ts";
import type { PrepareOptions } from "./sandbox/images/prepare-image.ts";
import { lockPackagesOn } from "./sandbox/packages/install-packages.ts";
import type { PackageSource } from "./sandbox/packages/packages-option.ts";
import type { PackagesLock } from "./guests/python/packages/packages-lock.ts";
import type { SandboxImage } from "./sandbox/images/sandbox-image.ts";
import type { ForkOptions, LoadOptions, RestoreOptions } from "./sandbox/snapshot/snapshot-options.ts";

/** A sealed place to run code in, on this platform. */
export class Sandbox extends SandboxBase {
  /**
   * Starts a guest with the given limits and powers; everything that `options` does not grant is denied.
   *
   * @throws TypeError, RangeError or WardianError that names the wrong option, before anything runs.
   * @example
   * ```ts
   * const sandbox = await Sandbox.create({ language: "python" });
   * const result = await sandbox.run("sum(range(10))");
   * if (result.status === "ok") console.log(result.value); // 45
   * sandbox.close();
   * ```
   */
  static async create(options: SandboxOptions): Promise<Sandbox> {
    return new Sandbox(await SandboxBase.createOn(host, options));
  }

  /**
   * Makes a sandbox that goes on where the one stood that the snapshot was taken of, perhaps in another process, days ago.
   * What it may do comes from `options` alone. The bytes may come from anyone: damaged or forged ones are refused, and
   * nothing half restored stays behind.
   *
   * @throws WardianError "invalid-snapshot", "foreign-snapshot" or "snapshot-signature"; as `Sandbox.create` for wrong options.
   * @example
   * ```ts
   * const options = { language: "python" } as const;
   * const sandbox = await Sandbox.create(options);
   * await sandbox.run("total = 40");
   * const bytes = await sandbox.snapshot();
   * const later = await Sandbox.restore(bytes, options);
   * const result = await later.run("total + 2"); // 42
   * ```
   */
  static async restore(snapshot: Uint8Array, options: RestoreOptions): Promise<Sandbox> {
    return new Sandbox(await SandboxBase.restoreOn(host, snapshot, options));
  }

  /**
   * A second sandbox that goes on from here: memory, in-memory files, clock and random are its own, nothing of what one does
   * shows in the other. Host directories, tools and callbacks are shared. Between runs only.
   *
   * @throws WardianError "closed", "busy", "unsupported".
   */
  async fork(options?: ForkOptions): Promise<Sandbox> {
    return new Sandbox(await this.forkFront(options));
  }
}

/** Sandboxes that are ready before anybody asks, shared by tenants who take turns. */
export class Pool extends PoolBase {
  /**
   * Makes a pool and all of its sandboxes.
   *
   * @throws TypeError, RangeError or WardianError that names the wrong option; as `Sandbox.create` if one cannot be made.
   * @example
   * ```ts
   * const pool = await Pool.create({ size: 2, sandbox: { language: "python" } });
   * const result = await pool.run("sum(range(10))", { tenant: "a" });
   * if (result.status === "ok") console.log(result.value); // 45
   * await pool.drain();
   * ```
   */
  static async create(options: PoolOptions): Promise<Pool> {
    const resolved = PoolBase.resolve(options);
    const { platform } = host;
    const pool = new Pool(resolved, {
      createSandbox: async () => await Sandbox.create(withOwnFiles(resolved.sandbox)),
      monotonicNow: () => platform.monotonicNow(),
      sleep: (ms, signal) => platform.sleep(ms, signal),
      yieldToEventLoop: () => platform.yieldToEventLoop(),
    });
    return await pool.start();
  }
}

/**
 * Runs one source in a sandbox of its own and closes it: `Sandbox.create`, `run`, `close`.
 *
 * @throws as `Sandbox.create` and `Sandbox.run` do; never for anything that the guest did.
 */
export async function run(
  source: string,
  options: SandboxOptions & Pick<RunOptions, "filename" | "modules">,
): Promise<RunResult> {
  const { filename, modules, ...rest } = options;
  const sandbox = await Sandbox.create(rest);
  try {
    return await sandbox.run(source, { filename, modules });
  } finally {
    sandbox.close();
  }
}

/**
 * Runs the runs of a recording again, with no network, no tools, no files and no clock but what is in it: each gives the
 * same value, output and fuel as it did. What tools and requests came to is reported as it was recorded.
 *
 * @param recording `result.recording` of a sandbox with `record: true`. It may come from anywhere: it gets no power at all.
 * @throws WardianError "invalid-recording" for bytes that are no recording of this build's guests, "replay-diverged" that names
 *   the first input that differs, "replay-timeout"; the signal's reason.
 */
export async function replay(recording: Uint8Array, options?: ReplayOptions): Promise<readonly RunResult[]> {
  return await replayOn(host, recording, options);
}

/**
 * Runs set-up code once and gives an image of the guest as it is then: sandboxes start from it as fast as from the package's
 * own, and share its memory until they write to it.
 *
 * @throws WardianError "setup-failed" if the code does not end well; as `Sandbox.create` for wrong options.
 * @example
 * ```ts
 * const image = await prepare("python", { setup: "import csv, statistics" });
 * const sandbox = await Sandbox.create({ image });
 * const result = await sandbox.run("statistics.mean([1, 2, 6])"); // 3
 * ```
 */
export async function prepare(language: Language, options: PrepareOptions): Promise<SandboxImage> {
  return await prepareOn(host, language, options);
}

/**
 * Reads an image that `SandboxImage.bytes` wrote, with the same version of the package. The bytes may come from anyone:
 * damaged or forged ones are refused, or give a guest that is as sealed as any other.
 *
 * @throws WardianError "invalid-snapshot", "foreign-snapshot" or "snapshot-signature"; TypeError or RangeError for wrong options.
 */
export async function loadImage(bytes: Uint8Array, options?: LoadOptions): Promise<SandboxImage> {
  return await loadImageOn(host, bytes, options);
}

/**
 * The lock of wheels: their names, versions and SHA-256, to be kept and given as `packagesLock`. They are taken apart and
 * checked for it, and nothing of them runs.
 *
 * @param packages as the option of `Sandbox.create`.
 * @throws WardianError "invalid-package" for what is no wheel for the interpreter of this package.
 */
export async function lockPackages(packages: readonly PackageSource[]): Promise<PackagesLock> {
  return await lockPackagesOn(host.platform, packages);
}

export { fixedClock } from "./capabilities/clock/fixed-clock.ts";
export { virtualClock } from "./capabilities/clock/virtual-clock.ts";
export { memoryDirectory } from "./capabilities/files/memory/memory-directory.ts";
export { FileError } from "./capabilities/files/file-error.ts";
export { CommitConflictError, CommitIncompleteError } from "./capabilities/files/overlay/commit/commit-error.ts";
export { overlayDirectory } from "./capabilities/files/overlay/overlay-directory.ts";
export { TransportError } from "./capabilities/network/transport/transport.ts";
export { seededRandom } from "./capabilities/random/seeded-random.ts";
export { jsonSchema } from "./capabilities/tools/json-schema/json-schema.ts";
export { tool, ToolError } from "./capabilities/tools/tool.ts";
export { WardianError } from "./errors.ts";
export { command, component, reactor } from "./guests/module/guest-module.ts";

export type { Clock } from "./capabilities/clock.ts";
export type { InputStream } from "./capabilities/environment/gather-input.ts";
export type { InputSource } from "./capabilities/environment.ts";
export type { MemoryDirectory, MemoryDirectoryOptions } from "./capabilities/files/memory/memory-directory.ts";
export type * from "./capabilities/files/file-system.ts";
export type { FileChange } from "./capabilities/files/file-change.ts";
export type { FileSystemState } from "./capabilities/files/file-system-state.ts";
export type {
  CommitOptions,
  OverlayDirectory,
  OverlayDirectoryOptions,
} from "./capabilities/files/overlay/overlay-directory.ts";
export type { OutputChunk } from "./capabilities/output/output-listener.ts";
export type { Display, OutputStream } from "./capabilities/output.ts";
export type {
  HttpTransport,
  TransportFailure,
  TransportHead,
  TransportRequest,
  TransportResponse,
} from "./capabilities/network/transport/transport.ts";
export type {
  NetworkLimits,
  NetworkPolicy,
  NetworkRule,
  NetworkSecret,
} from "./capabilities/network/policy/network-policy.ts";
export type { RequestRecord } from "./capabilities/network/requests/request-record.ts";
export type { Random } from "./capabilities/random.ts";
export type { RandomSeed } from "./capabilities/random/seeded-random.ts";
export type { ToolCallOutcome, ToolCallRecord } from "./capabilities/tools/audit/call-record.ts";
export type { Redaction } from "./capabilities/tools/audit/redact.ts";
export type { JsonSchemaInput } from "./capabilities/tools/json-schema/json-schema.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./capabilities/tools/standard-schema.ts";
export type { DeclarationLanguage } from "./capabilities/tools/declarations/tool-types.ts";
export type { Approval, ApprovalRequest, Tool, ToolCallContext, ToolOptions } from "./capabilities/tools/tool.ts";
export type { PoolRunOptions } from "./pool/pool.ts";
export type { PoolEvent, PoolStats } from "./pool/pool-events.ts";
export type { PoolOptions } from "./pool/pool-options.ts";
export type { TenantPolicy } from "./pool/tenant-policy.ts";
export type { WardianErrorCode } from "./errors.ts";
export type { GuestError, Language } from "./guests/guest.ts";
export type { ResourceHandle } from "./guests/component/held-resources.ts";
export type { GuestModule, GuestModuleOptions, ModuleKind } from "./guests/module/guest-module.ts";
export type { LockedPackage, PackagesLock } from "./guests/python/packages/packages-lock.ts";
export type { OpaqueValue } from "./guests/value-codec.ts";
export type { ClockOption } from "./sandbox/clock-option.ts";
export type { InputOption } from "./sandbox/input-option.ts";
export type { FileInfo, FileListing } from "./sandbox/file-requests.ts";
export type { SandboxFiles } from "./sandbox/sandbox-files.ts";
export type { LimitOptions, Limits } from "./sandbox/limits.ts";
export type { CallTarget } from "./sandbox/resolve-call.ts";
export type { PendingCall } from "./capabilities/tools/deferred-calls.ts";
export type { CallAnswer } from "./sandbox/local/resolve-answers.ts";
export type { Execution, ResumeOptions, RunOptions, SandboxOptions } from "./sandbox/options.ts";
export type { ReplayOptions } from "./sandbox/recording/replay-options.ts";
export type { Denial, LimitName, RunReport, RunResult, SandboxState, Truncation } from "./sandbox/result.ts";
export type { PackageSource } from "./sandbox/packages/packages-option.ts";
export type { PrepareOptions } from "./sandbox/images/prepare-image.ts";
export type { SandboxImage } from "./sandbox/images/sandbox-image.ts";
export type { ForkOptions, LoadOptions, RestoreOptions, SnapshotOptions } from "./sandbox/snapshot/snapshot-options.ts";
export type { Usage } from "./sandbox/usage.ts";
