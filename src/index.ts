/**
 * Wardian: runs code that you did not write inside WebAssembly, under fuel, time, memory, stack and output limits.
 * This entry is runtime-neutral; `wardian/node` adds what only Node has.
 */
import { platform } from "#platform";
import { commandGuest } from "./guests/command/command-guest.ts";
import { componentGuest } from "./guests/component/component-guest.ts";
import { javascriptGuest } from "./guests/javascript/javascript-guest.ts";
import { pythonGuest } from "./guests/python/python-guest.ts";
import { reactorGuest } from "./guests/reactor/reactor-guest.ts";
import { Sandbox as SandboxBase } from "./sandbox/sandbox.ts";
import type { RunOptions, SandboxOptions } from "./sandbox/options.ts";
import type { RunResult } from "./sandbox/result.ts";
import type { SandboxHost } from "./sandbox/sandbox-host.ts";

const host: SandboxHost = { platform, guests: [javascriptGuest, pythonGuest, commandGuest, reactorGuest, componentGuest] };

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

export { fixedClock } from "./capabilities/clock/fixed-clock.ts";
export { virtualClock } from "./capabilities/clock/virtual-clock.ts";
export { memoryDirectory } from "./capabilities/files/memory/memory-directory.ts";
export { TransportError } from "./capabilities/network/transport.ts";
export { seededRandom } from "./capabilities/random/seeded-random.ts";
export { tool, ToolError } from "./capabilities/tools/tool.ts";
export { WardianError } from "./errors.ts";
export { command, component, reactor } from "./guests/module/guest-module.ts";

export type { Clock } from "./capabilities/clock.ts";
export type { InputSource } from "./capabilities/environment.ts";
export type { MemoryDirectory, MemoryDirectoryOptions } from "./capabilities/files/memory/memory-directory.ts";
export type * from "./capabilities/files/file-system.ts";
export type { OutputChunk } from "./capabilities/output/output-sink.ts";
export type { OutputStream } from "./capabilities/output.ts";
export type {
  HttpTransport,
  TransportFailure,
  TransportHead,
  TransportRequest,
  TransportResponse,
} from "./capabilities/network/transport.ts";
export type {
  NetworkLimits,
  NetworkPolicy,
  NetworkRule,
  NetworkSecret,
} from "./capabilities/network/network-policy.ts";
export type { RequestRecord } from "./capabilities/network/request-record.ts";
export type { Random } from "./capabilities/random.ts";
export type { RandomSeed } from "./capabilities/random/seeded-random.ts";
export type { ToolCallOutcome, ToolCallRecord } from "./capabilities/tools/audit/call-record.ts";
export type { Redaction } from "./capabilities/tools/audit/redact.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./capabilities/tools/standard-schema.ts";
export type { DeclarationLanguage } from "./capabilities/tools/declarations/tool-types.ts";
export type { Approval, ApprovalRequest, Tool, ToolCallContext, ToolOptions } from "./capabilities/tools/tool.ts";
export type { WardianErrorCode } from "./errors.ts";
export type { GuestError, Language } from "./guests/guest.ts";
export type { GuestModule, GuestModuleOptions, ModuleKind } from "./guests/module/guest-module.ts";
export type { OpaqueValue } from "./guests/value-codec.ts";
export type { ClockOption } from "./sandbox/clock-option.ts";
export type { LimitOptions, Limits } from "./sandbox/limits.ts";
export type { CallTarget } from "./sandbox/resolve-call.ts";
export type { RunOptions, SandboxOptions } from "./sandbox/options.ts";
export type { Denial, Display, LimitName, RunReport, RunResult, SandboxState, Truncation } from "./sandbox/result.ts";
export type { Usage } from "./sandbox/usage.ts";
