import type { Environment, InputSource } from "../capabilities/environment.ts";
import type { InputStream } from "../capabilities/environment/gather-input.ts";
import type { AwaitedInput } from "../capabilities/environment/live-input.ts";
import type { FileSystem } from "../capabilities/files/file-system.ts";
import type { OutputChunk } from "../capabilities/output/output-listener.ts";
import type { RandomSeed } from "../capabilities/random/seeded-random.ts";
import type { Random } from "../capabilities/random.ts";
import type { NetworkPolicy } from "../capabilities/network/policy/network-policy.ts";
import { resolveNetwork } from "../capabilities/network/policy/resolve-network.ts";
import type { ResolvedNetwork } from "../capabilities/network/policy/resolve-network.ts";
import type { HttpTransport } from "../capabilities/network/transport/transport.ts";
import { resolveTools } from "../capabilities/tools/resolve-tools.ts";
import type { ToolCallRecord } from "../capabilities/tools/audit/call-record.ts";
import type { Tool } from "../capabilities/tools/tool.ts";
import { WardianError } from "../errors.ts";
import type { GuestCall, GuestKind, Language } from "../guests/guest.ts";
import type { GuestModule } from "../guests/module/guest-module.ts";
import { resolveGuest } from "./resolve-guest.ts";
import { resolveInput } from "./input-option.ts";
import type { InputOption } from "./input-option.ts";
import { resolveClock } from "./clock-option.ts";
import type { ClockOption } from "./clock-option.ts";
import type { InstalledPackages } from "../guests/python/packages/installed-packages.ts";
import type { PackagesLock } from "../guests/python/packages/packages-lock.ts";
import type { PreparedImage } from "./images/prepared-image.ts";
import type { SandboxImage } from "./images/sandbox-image.ts";
import { describe, resolveLimits } from "./limits.ts";
import type { LimitOptions, Limits } from "./limits.ts";
import { resolvePackages } from "./packages/packages-option.ts";
import type { PackageSource, ResolvedPackages } from "./packages/packages-option.ts";
import { resolveRecord } from "./recording/record-option.ts";
import type { RecordSettings } from "./recording/record-option.ts";
import {
  CREATE,
  objectOf,
  resolveImage,
  resolveFiles,
  resolveEnvironment,
  resolveTransport,
  stringMap,
  resolveArgs,
  resolveSuspend,
  resolveGrace,
  resolveFilename,
  resolveOutput,
  resolveRandom,
  resolveExecution,
  resolveSignal,
} from "./option-values.ts";

/** What a sandbox is and may do. Everything that is left out is denied or has its default. */
export interface SandboxOptions {
  /** The language of the sources that `run` takes. Either this or `guest`. */
  readonly language?: Language | undefined;
  /** A Wasm binary to run instead: `command(bytes)`, `reactor(bytes)` or `component(bytes)`. */
  readonly guest?: GuestModule | undefined;
  readonly limits?: LimitOptions | undefined;
  /** What the guest starts from, and what `reset` goes back to: an image of `prepare`. `language` may then be left out. */
  readonly image?: SandboxImage | undefined;
  /** The whitelist of files: guest path → directory. Default: only an empty, writable `/tmp` of 32 MiB. */
  readonly files?: Readonly<Record<string, FileSystem>> | undefined;
  /**
   * Python only: wheels, by their bytes or (on Node) the paths of their files. They are read-only on `sys.path`, and their
   * extension modules are metered and sealed as all else. Default: none.
   */
  readonly packages?: readonly PackageSource[] | undefined;
  /** The digests that the wheels must have: a lock of `lockPackages` or `wardian packages lock`. Default: they are not compared. */
  readonly packagesLock?: PackagesLock | undefined;
  /** Hosts that the guest may send HTTP requests to. Default: none. */
  readonly network?: NetworkPolicy | undefined;
  /** Sends the requests in place of the platform's transport; which addresses a name has is then its own affair. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** The same one level lower, such as `nodeTransport({ resolve })`. Not together with `fetch`. */
  readonly transport?: HttpTransport | undefined;
  /** Host functions that the guest may call, by name. Default: none. */
  readonly tools?: Readonly<Record<string, Tool>> | undefined;
  /** The guest's environment variables. Default: none; nothing comes from the host's own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The guest's arguments. Default: none. */
  readonly args?: readonly string[] | undefined;
  /** What the guest reads from standard input; a stream goes to the first run: in a worker or process as it comes, else all of it first. Default: empty. */
  readonly stdin?: InputOption | undefined;
  /** "real" (default, in steps of 1 ms), "frozen", "fixed" or "virtual": see {@link ClockOption}; or a {@link Clock}. */
  readonly clock?: ClockOption | undefined;
  /** "secure" (default), a seed for reproducible runs, or a {@link Random}. */
  readonly random?: "secure" | { readonly seed: RandomSeed } | Random | undefined;
  /**
   * Takes down every input that crosses the boundary, so that `replay` can run the same again without any power:
   * `result.recording`. `maxBytes` (default 64 MiB) bounds it; a longer one is given up. Default: false.
   */
  readonly record?: boolean | { readonly maxBytes?: number | undefined } | undefined;
  /**
   * Where the guest computes. "inline" (default): on the calling thread, which it holds until it ends or waits. "yielding": there
   * too, but the event loop goes on meanwhile; needs an engine with JSPI. "worker": on a thread of its own. "process": in a
   * process of its own, against crashes and Spectre; Node only.
   */
  readonly execution?: Execution | undefined;
  /** "bytes" puts what was written, as it was written, into `result.stdoutBytes` and `stderrBytes` beside the text. Default: "text". */
  readonly output?: "text" | "bytes" | undefined;
  /**
   * Called with output as it comes, within the limit. It must not throw and must not call the sandbox. While a promise that it
   * returned is pending it is not called again, and a guest that waits goes on only then; the deadline counts this time.
   */
  readonly onOutput?: ((chunk: OutputChunk) => unknown) | undefined;
  /**
   * Called with the record of each tool call when it has ended, as it will stand in `result.calls`; calls that are over the
   * log's bounds too. It must not throw (the run then rejects at its end) and must not call the sandbox.
   */
  readonly onCall?: ((record: ToolCallRecord) => unknown) | undefined;
  /**
   * Python only: this many milliseconds before the deadline the guest gets a `KeyboardInterrupt`, so that it can clean up
   * and end by itself; the hard stop follows at the deadline. Default: none.
   */
  readonly graceMs?: number | undefined;
  /** Ends the run in progress and refuses later ones. */
  readonly signal?: AbortSignal | undefined;
}

/** What one run may differ in from its sandbox. */
export interface RunOptions {
  /** Default: the sandbox's `stdin`. */
  readonly stdin?: InputOption | undefined;
  /** Default: the sandbox's `args`. */
  readonly args?: readonly string[] | undefined;
  /** What tracebacks call the source. Default: "main.js", "main.ts" or "main.py". In JavaScript ".mjs" and ".mts" make it a module. */
  readonly filename?: string | undefined;
  /** Inline modules that JavaScript sources may import: specifier → source. */
  readonly modules?: Readonly<Record<string, string>> | undefined;
  /** Tightens the sandbox's own limits; a wider one is a RangeError. */
  readonly limits?: LimitOptions | undefined;
  /** Default: the sandbox's `graceMs`. */
  readonly graceMs?: number | undefined;
  /**
   * "on-tool": the tools' own functions are not called; as soon as the guest waits for tool calls and nothing else, the run
   * ends with the status "suspended", and `resume` goes on with their results. Not with `runSync`. Default: never.
   */
  readonly suspend?: "on-tool" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one stretch of a suspended run may differ in. */
export interface ResumeOptions {
  readonly signal?: AbortSignal | undefined;
}

export type Execution = "inline" | "yielding" | "worker" | "process";

/** {@link SandboxOptions}, checked and with every default filled in. */
export interface ResolvedOptions {
  /** The language of sources, or the kind of binary. */
  readonly language: GuestKind;
  /** Set for a binary. */
  readonly module: GuestModule | undefined;
  readonly image: PreparedImage | undefined;
  readonly limits: Limits;
  readonly files: ReadonlyMap<string, FileSystem>;
  readonly packages: ResolvedPackages;
  /** What `packages` came to, once they were read: see `installPackages`. */
  readonly installed: InstalledPackages | undefined;
  readonly network: ResolvedNetwork;
  readonly fetch: SandboxOptions["fetch"];
  readonly transport: HttpTransport | undefined;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly environment: Environment;
  readonly stdin: string | Uint8Array | InputSource;
  /** In place of `stdin`, which is then empty. */
  readonly stream: InputStream | undefined;
  readonly clock: ClockOption;
  readonly random: "secure" | { readonly seed: RandomSeed } | Random;
  readonly record: RecordSettings | undefined;
  readonly execution: Execution;
  readonly output: "text" | "bytes";
  readonly onOutput: ((chunk: OutputChunk) => unknown) | undefined;
  readonly onCall: ((record: ToolCallRecord) => unknown) | undefined;
  readonly graceMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const SANDBOX_OPTIONS: ReadonlySet<string> = new Set([
  "language",
  "guest",
  "image",
  "limits",
  "files",
  "packages",
  "packagesLock",
  "network",
  "fetch",
  "transport",
  "tools",
  "env",
  "args",
  "stdin",
  "clock",
  "random",
  "record",
  "execution",
  "output",
  "onOutput",
  "onCall",
  "graceMs",
  "signal",
]);

const RUN_OPTIONS: ReadonlySet<string> = new Set([
  "stdin",
  "args",
  "filename",
  "modules",
  "limits",
  "graceMs",
  "suspend",
  "signal",
]);

/**
 * Checks the options of `Sandbox.create` before anything is loaded.
 *
 * @throws TypeError, RangeError or a WardianError with code "invalid-option" that names the option, its value and what it takes.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  const given = objectOf(options, CREATE, "its options", SANDBOX_OPTIONS) as Partial<
    Record<keyof SandboxOptions, unknown>
  >;
  const image = resolveImage(given.image);
  const { language, module } = resolveGuest(given.language ?? image?.language, given.guest, CREATE);
  if (image !== undefined && language !== image.language)
    throw new WardianError(
      "invalid-option",
      `${CREATE}: language is "${language}", and its image of "${image.language}"`,
    );
  for (const name of ["onOutput", "onCall"] as const) {
    if (given[name] !== undefined && typeof given[name] !== "function")
      throw new TypeError(`${CREATE}: ${name} must be a function, not ${describe(given[name])}`);
  }
  const network = resolveNetwork(given.network, CREATE);
  const input = resolveInput(given.stdin, CREATE);
  const installed = image?.content.installed;
  if (installed !== undefined && (given.packages !== undefined || given.packagesLock !== undefined))
    throw new WardianError("invalid-option", `${CREATE}: its image brings packages along; leave out "packages"`);
  const packages = resolvePackages(given.packages, given.packagesLock, language, CREATE);
  return {
    language,
    module,
    image,
    limits: resolveLimits(given.limits, language, CREATE),
    files: resolveFiles(given.files),
    packages,
    installed,
    tools: resolveTools(given.tools, CREATE, module !== undefined),
    network,
    ...resolveTransport(given.fetch, given.transport),
    environment: resolveEnvironment(given.env, resolveArgs(given.args, CREATE), network),
    stdin: input.stdin ?? "",
    stream: input.stream,
    clock: resolveClock(given.clock, CREATE),
    random: resolveRandom(given.random),
    execution: resolveExecution(given.execution),
    record: resolveRecord(
      given.record,
      {
        execution: resolveExecution(given.execution),
        packages: packages.sources.length > 0,
      },
      CREATE,
    ),
    output: resolveOutput(given.output),
    onOutput: given.onOutput as ResolvedOptions["onOutput"],
    onCall: given.onCall as ResolvedOptions["onCall"],
    graceMs: resolveGrace(given.graceMs, language, CREATE),
    signal: resolveSignal(given.signal, CREATE),
  };
}

/** {@link RunOptions}, checked; undefined where the sandbox's own value holds. */
export interface ResolvedRunOptions {
  /** What is called, for `call`. */
  readonly call?: GuestCall | undefined;
  readonly stdin: string | Uint8Array | InputSource | undefined;
  /** In place of `stdin`: to be read before the run begins. */
  readonly stream?: InputStream | undefined;
  /** In place of both: read as the guest asks for it, where its thread can sleep meanwhile. */
  readonly live?: AwaitedInput | undefined;
  readonly args: readonly string[] | undefined;
  readonly filename: string | undefined;
  readonly modules: ReadonlyMap<string, string> | undefined;
  readonly limits: unknown;
  readonly graceMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly suspend: "on-tool" | undefined;
}

/** Checks the options of `run` and `runSync`; throws as {@link resolveOptions} does. */
export function resolveRunOptions(options: unknown, language: GuestKind, action: string): ResolvedRunOptions {
  const given = objectOf(options ?? {}, action, "its options", RUN_OPTIONS) as Partial<
    Record<keyof RunOptions, unknown>
  >;
  // Field by field: of a small run in a pool an object spread here was a twentieth.
  const { stdin, stream } = resolveInput(given.stdin, action);
  return {
    stdin,
    stream,
    args: resolveArgs(given.args, action),
    filename: resolveFilename(given.filename, action),
    modules: given.modules === undefined ? undefined : stringMap(given.modules, action, "modules"),
    limits: given.limits,
    graceMs: resolveGrace(given.graceMs, language, action),
    suspend: resolveSuspend(given.suspend, action),
    signal: resolveSignal(given.signal, action),
  };
}

export const RESUME = "Cannot resume the run";

/** Checks the options of `resume`; throws as {@link resolveOptions} does. */
export function resolveResumeOptions(options: unknown): { readonly signal: AbortSignal | undefined } {
  const given = objectOf(options ?? {}, RESUME, "its options", new Set(["signal"])) as { readonly signal?: unknown };
  return { signal: resolveSignal(given.signal, RESUME) };
}
