import { toolTypes } from "../capabilities/tools/declarations/tool-types.ts";
import type { DeclarationLanguage } from "../capabilities/tools/declarations/tool-types.ts";
import type { Tool } from "../capabilities/tools/tool.ts";
import { WardianError } from "../errors.ts";
import { isLanguage } from "../guests/language-facts.ts";
import type { GuestKind } from "../guests/guest.ts";
import { buildSandbox } from "./build-sandbox.ts";
import { InputGatherer } from "./input-gatherer.ts";
import type { GathererParts } from "./input-gatherer.ts";
import { describe } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { LocalSandbox } from "./local/local-sandbox.ts";
import { resolveCall } from "./resolve-call.ts";
import type { CallTarget } from "./resolve-call.ts";
import { installPackages } from "./packages/install-packages.ts";
import { resolveOptions, resolveResumeOptions, resolveRunOptions } from "./options.ts";
import type { ResolvedOptions, ResolvedRunOptions, ResumeOptions, RunOptions, SandboxOptions } from "./options.ts";
import type { RunResult } from "./result.ts";
import { SandboxFiles } from "./sandbox-files.ts";
import type { SandboxDriver } from "./sandbox-driver.ts";
import type { CreateRemote, SandboxHost } from "./sandbox-host.ts";
import { restoreSandbox } from "./snapshot/restore-sandbox.ts";
import {
  resolveForkOptions,
  resolveRestoreOptions,
  resolveSnapshotOptions,
  RESTORE,
} from "./snapshot/snapshot-options.ts";
import type { PendingCall } from "../capabilities/tools/deferred-calls.ts";
import type { CallAnswer } from "./local/resolve-answers.ts";
import type { ForkOptions, RestoreOptions, SnapshotOptions } from "./snapshot/snapshot-options.ts";

/** What a `Sandbox` is the front of. */
export interface SandboxFront {
  readonly language: GuestKind;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly driver: SandboxDriver;
  readonly input: InputGatherer;
}

const RUN = "Cannot run";
const CALL = "Cannot call";

/**
 * A sealed place to run code in: one guest, its limits and its powers.
 * State persists from run to run until `reset`. Not for concurrent runs: one at a time.
 */
export class Sandbox {
  readonly #language: GuestKind;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #driver: SandboxDriver;
  readonly #input: InputGatherer;
  /** Runs that were asked for and have not ended: one, unless it is to be refused. */
  #runs = 0;
  /** The files of the sandbox from the host's side, between runs. */
  readonly files: SandboxFiles;

  protected constructor({ language, tools, driver, input }: SandboxFront) {
    this.#language = language;
    this.#tools = tools;
    this.#driver = driver;
    this.#input = input;
    this.files = new SandboxFiles(driver);
  }

  /** Makes a sandbox on a given host; the package's entry points bind the platform's. */
  protected static async createOn(host: SandboxHost, options: SandboxOptions): Promise<SandboxFront> {
    const resolved = await installPackages(resolveOptions(options), host.platform, "Cannot create a sandbox");
    return frontOf(host, resolved, await createDriver(host, resolved));
  }

  /** Makes one out of a snapshot; the package's entry points bind the platform's host. */
  protected static async restoreOn(
    host: SandboxHost,
    snapshot: Uint8Array,
    options: RestoreOptions,
  ): Promise<SandboxFront> {
    const { rest, ...how } = resolveRestoreOptions(options);
    const resolved = await installPackages(resolveOptions(rest), host.platform, RESTORE);
    return frontOf(host, resolved, await createDriver(host, resolved, { snapshot, how }));
  }

  /** A second sandbox that goes on from here; the package's entry points give it their class. */
  protected async forkFront(options: ForkOptions | undefined): Promise<SandboxFront> {
    const resolved = resolveForkOptions(options);
    return {
      language: this.#language,
      tools: this.#tools,
      driver: await this.#driver.fork(resolved),
      input: this.#input.fork(),
    };
  }

  /** The limits in force, defaults filled in. */
  get limits(): Limits {
    return this.#driver.limits;
  }

  /** Whether `close` was called or the sandbox had to be given up. */
  get closed(): boolean {
    return this.#driver.closed;
  }

  /**
   * Declarations of the sandbox's tools, to put in the prompt of a model that writes code for it. Made from the tools'
   * schemas; descriptions are one line each and cannot end the comment that they stand in.
   *
   * @param language default: what the sandbox runs.
   * @throws WardianError "invalid-option" for a language other than "typescript" and "python".
   */
  toolTypes(language: DeclarationLanguage = this.#language === "python" ? "python" : "typescript"): string {
    return toolTypes(this.#tools, language);
  }

  /**
   * Runs `source` and resolves with how it ended. Never rejects for anything that the guest did.
   * The guest computes on the calling thread; the event loop is free only while it waits for a timer, a tool or the network.
   *
   * @throws TypeError, RangeError or WardianError ("invalid-option") for wrong arguments, "closed", "busy".
   */
  async run(source: string, options?: RunOptions): Promise<RunResult>;
  /** Runs the command once, as a process of its own: `run({ args, stdin })`. Otherwise the same. */
  async run(options?: RunOptions): Promise<RunResult>;
  async run(source?: string | RunOptions, options?: RunOptions): Promise<RunResult> {
    const [text, resolved] = this.#resolve(source, options);
    return await this.#drive(text, resolved, RUN);
  }

  /**
   * Calls an export of a reactor or component and resolves with how it ended; `value` is what it returned.
   * A function of an exported interface is "interface#function". Never rejects for anything that the guest did.
   *
   * @throws as {@link run} does; TypeError for arguments that are not of the function's types.
   */
  async call(target: string | CallTarget, ...args: unknown[]): Promise<RunResult> {
    const { call, options } = resolveCall(target, args, this.#language, CALL);
    const resolved = { ...resolveRunOptions(options, this.#language, CALL), call };
    return await this.#drive("", resolved, CALL);
  }

  /**
   * The same without giving the thread back: waiting for a timer blocks, and a tool that returns a promise fails in the guest.
   *
   * @throws as {@link run} does.
   */
  runSync(source: string, options?: RunOptions): RunResult;
  runSync(options?: RunOptions): RunResult;
  runSync(source?: string | RunOptions, options?: RunOptions): RunResult {
    const [text, resolved] = this.#resolve(source, options);
    if (resolved.suspend !== undefined)
      throw new WardianError("unsupported", `${RUN}: runSync cannot be suspended; use run()`);
    if (this.#driver.runSync === undefined)
      throw new WardianError("unsupported", `${RUN}: runSync needs execution "inline"; use run()`);
    if (this.#input.streamOf(resolved) !== undefined)
      throw new TypeError(`${RUN}: stdin is an async iterable, which runSync cannot wait for; use run()`);
    this.#mustNotGather(RUN);
    return this.#driver.runSync(text, resolved, RUN);
  }

  /** The calls that a suspended run waits for; undefined if no run is suspended. */
  get pending(): readonly PendingCall[] | undefined {
    return this.#driver.pending;
  }

  /**
   * Goes on with a suspended run: tells the guest how its pending calls ended, some or all of them. Resolves when the run has
   * ended or waits for tools again.
   *
   * @throws WardianError "not-suspended", "unknown-call", "closed" or "busy"; TypeError for what is no list of answers. Nothing has changed then.
   */
  async resume(answers: readonly CallAnswer[], options?: ResumeOptions): Promise<RunResult> {
    const { signal } = resolveResumeOptions(options);
    return await this.#driver.resume(answers, signal);
  }

  /**
   * The whole state as bytes: the guest's memory, in-memory files, open files, timers, clock and seeded random. Limits,
   * grants and host objects are not part of it: `Sandbox.restore` takes them from its options. Between runs only.
   *
   * @throws WardianError "closed", "busy", "unsupported"; TypeError, RangeError or WardianError "invalid-option" for wrong options.
   */
  async snapshot(options?: SnapshotOptions): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#driver.snapshot(resolveSnapshotOptions(options));
  }

  /**
   * Puts guest, in-memory files and virtual clock back to the state after creation. Host directories stay as they are.
   *
   * @throws WardianError "closed" or "busy".
   */
  async reset(): Promise<void> {
    await this.#driver.reset();
  }

  /** Releases the guest's memory and what is held of the host. Closing twice does nothing; a run in progress ends as aborted first. */
  close(): void {
    this.#input.close();
    this.#driver.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return await Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #drive(source: string, options: ResolvedRunOptions, action: string): Promise<RunResult> {
    this.#mustNotGather(action);
    const driver = this.#driver;
    const stream = driver.closed ? undefined : this.#input.streamOf(options);
    // A stream can be read once: not for a run that cannot begin.
    if (stream !== undefined && this.#runs > 0)
      throw new WardianError("busy", `${action}: a run is in progress; await it first`);
    this.#runs += 1;
    try {
      if (stream === undefined) return await driver.run(source, options, action);
      if (driver.awaitsInput && options.suspend === undefined)
        return await this.#input.feed(stream, options, driver.limits, action, (fed) => driver.run(source, fed, action));
      return await driver.run(source, await this.#input.gather(stream, options, driver.limits, action), action);
    } finally {
      this.#runs -= 1;
    }
  }

  #mustNotGather(action: string): void {
    if (this.#input.busy) throw new WardianError("busy", `${action}: a run waits for its input; await it first`);
  }

  /** A language has a source first, a binary has none. */
  #resolve(source: unknown, options: unknown): [string, ResolvedRunOptions] {
    if (isLanguage(this.#language)) {
      if (typeof source !== "string")
        throw new TypeError(`${RUN}: the source must be a string, not ${describe(source)}`);
      return [source, resolveRunOptions(options, this.#language, RUN)];
    }
    if (this.#language === "reactor")
      throw new WardianError(
        "unsupported",
        `${RUN}: a reactor has no start; call an export with call(name, ...numbers)`,
      );
    if (typeof source === "string")
      throw new TypeError(`${RUN}: a ${this.#language} takes no source; give its arguments as run({ args, stdin })`);
    return ["", resolveRunOptions(source, this.#language, RUN)];
  }
}

function frontOf(host: SandboxHost, options: ResolvedOptions, driver: SandboxDriver): SandboxFront {
  const { language, tools, stream, signal } = options;
  const sleep: GathererParts["sleep"] = (ms, until) => host.platform.sleep(ms, until);
  return { language, tools, driver, input: new InputGatherer({ stream, signal, sleep }) };
}

async function createDriver(
  host: SandboxHost,
  options: ResolvedOptions,
  from?: Parameters<CreateRemote>[2],
): Promise<SandboxDriver> {
  if (!isRemote(options)) {
    if (from === undefined) return new LocalSandbox(await buildSandbox(host, options));
    const { parts, run } = await restoreSandbox(host, from.snapshot, options, from.how);
    return new LocalSandbox(parts, run);
  }
  if (host.createRemote !== undefined) return await host.createRemote(host, options, from);
  throw new WardianError(
    "unsupported",
    `Cannot create a sandbox: execution "${options.execution}" is not part of this build`,
  );
}

function isRemote({ execution }: ResolvedOptions): boolean {
  return execution === "worker" || execution === "process";
}
