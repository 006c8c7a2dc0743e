import type { AwaitedInput } from "../capabilities/environment/live-input.ts";
import { pendingCall } from "../capabilities/tools/deferred-calls.ts";
import type { PendingCall } from "../capabilities/tools/deferred-calls.ts";
import { WardianError } from "../errors.ts";
import type { StartWorker } from "../hosts/worker-link.ts";
import type { FileAnswer, FileRequest } from "../sandbox/file-requests.ts";
import { tightenLimits } from "../sandbox/limits.ts";
import type { Limits } from "../sandbox/limits.ts";
import { joinSignals } from "../sandbox/local/join-signals.ts";
import { resolveAnswers } from "../sandbox/local/resolve-answers.ts";
import type { CallAnswer } from "../sandbox/local/resolve-answers.ts";
import { openRunCalls } from "../sandbox/local/run-calls.ts";
import type { EarlierCalls } from "../sandbox/local/run-calls.ts";
import { RESUME } from "../sandbox/options.ts";
import type { ResolvedOptions, ResolvedRunOptions } from "../sandbox/options.ts";
import type { RunResult } from "../sandbox/result.ts";
import type { SandboxDriver } from "../sandbox/sandbox-driver.ts";
import type { SandboxHost } from "../sandbox/sandbox-host.ts";
import { signSnapshot } from "../sandbox/snapshot/signature.ts";
import { FORK, SNAPSHOT } from "../sandbox/snapshot/snapshot-options.ts";
import type { ResolvedForkOptions, ResolvedSnapshotOptions } from "../sandbox/snapshot/snapshot-options.ts";
import { WorkerGone } from "./call-channel.ts";
import { finishResult, lostResult } from "./finish-result.ts";
import { HostedRecording } from "./hosted-recording.ts";
import { HostedCalls } from "./hosted-calls.ts";
import { portableRunOptions } from "./portable-options.ts";
import type { PortableOptions } from "./portable-options.ts";
import type { PortableState, RemoteCall } from "./protocol.ts";
import { hostFilesNeeded } from "./host-files-needed.ts";
import { readFileAnswer } from "./read-file-answer.ts";
import { RunStretch } from "./run-stretch.ts";
import { readSuspended } from "./suspended-stretch.ts";
import type { SuspendedStretch } from "./suspended-stretch.ts";
import { Watchdog } from "./watchdog.ts";
import { WorkerConnection } from "./worker-connection.ts";

/** What a remote sandbox is made of; its forks are made of the same. */
export interface RemoteParts {
  readonly host: SandboxHost;
  readonly options: ResolvedOptions;
  /** As they were when the sandbox was created: directories in memory with what they held then. */
  readonly portable: PortableOptions;
  readonly start: StartWorker;
  /** What its snapshots are told from those of sandboxes with other powers by. */
  readonly policy: Uint8Array;
}

/** A guest on another thread or in another process, seen from its host. */
export class RemoteSandbox implements SandboxDriver {
  readonly #parts: RemoteParts;
  readonly #connection: WorkerConnection;
  readonly #closing = new AbortController();
  readonly #recording = new HostedRecording();
  #state: "idle" | "running" | "closed" = "idle";
  #runs = 0;
  #forks = 0;
  #running: RunStretch | undefined;
  #suspended: SuspendedStretch | undefined;

  /** Starts the worker and creates its sandbox; a worker whose sandbox cannot be made is ended. */
  static async start(parts: RemoteParts, from?: PortableState): Promise<RemoteSandbox> {
    const { options, portable } = parts;
    const sandbox = new RemoteSandbox(parts);
    const creating = joinSignals([options.signal]);
    const abort = (): void => sandbox.#end("the sandbox's creation was aborted");
    creating.signal.addEventListener("abort", abort);
    try {
      const sharesModules = sandbox.#connection.link.takesModules;
      const run = await sandbox.#connection.channel.call({ method: "create", options: portable, sharesModules, from });
      creating.signal.throwIfAborted();
      sandbox.#suspended = readSuspended(run, options.limits);
    } catch (error) {
      sandbox.close();
      creating.signal.throwIfAborted();
      throw error instanceof WorkerGone
        ? new WardianError("internal", `Cannot create a sandbox: ${error.message}`, { cause: error })
        : error;
    } finally {
      creating.release();
    }
    sandbox.#connection.link.keepAlive(false);
    return sandbox;
  }

  private constructor(parts: RemoteParts) {
    this.#parts = parts;
    this.#connection = new WorkerConnection(parts.start, hostFilesNeeded(parts.portable), parts.host.platform.assets, {
      running: () => this.#running,
      onBroken: (why) => this.#end(why),
    });
  }

  readonly awaitsInput = true;

  get limits(): Limits {
    return this.#parts.options.limits;
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  get pending(): readonly PendingCall[] | undefined {
    return this.#suspended?.calls.map(pendingCall);
  }

  async run(source: string, given: ResolvedRunOptions, action: string): Promise<RunResult> {
    this.#mustBeIdle(action);
    if (this.#suspended !== undefined)
      throw new WardianError("busy", `${action}: a run is suspended; resume it, or reset the sandbox`);
    const limits = tightenLimits(this.limits, given.limits, action);
    const options = { ...portableRunOptions(given), limits };
    return await this.#drive(
      {
        limits,
        wallMs: 0,
        suspend: given.suspend !== undefined,
        signal: given.signal,
        stdin: given.live ?? given.stdin,
      },
      (run) => ({ method: "run", run, source, options, action }),
    );
  }

  async resume(answers: readonly CallAnswer[], signal: AbortSignal | undefined): Promise<RunResult> {
    this.#mustBeIdle(RESUME);
    const suspended = this.#suspended;
    if (suspended === undefined) throw new WardianError("not-suspended", `${RESUME}: no run is suspended`);
    const { calls, powers, limits, wallMs } = suspended;
    const resolved = resolveAnswers(answers, calls, RESUME);
    this.#suspended = undefined;
    const earlier: EarlierCalls = { calls, spent: powers, answers: resolved };
    return await this.#drive({ limits, wallMs, suspend: true, signal, earlier }, (run) => ({
      method: "resume",
      run,
      answered: [...resolved.keys()],
    }));
  }

  async fork({ identical }: ResolvedForkOptions): Promise<SandboxDriver> {
    this.#mustBeIdle(FORK);
    this.#forks += 1;
    const label = identical ? undefined : `fork ${this.#forks}`;
    const snapshot = await this.#capture({ whole: false, pack: false }, FORK);
    const maxBytes = Number.MAX_SAFE_INTEGER;
    return await RemoteSandbox.start(this.#parts, { snapshot, policy: undefined, label, maxBytes });
  }

  async snapshot({ key, whole }: ResolvedSnapshotOptions): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#capture({ whole, pack: true }, SNAPSHOT);
    // Here, since a guest that broke out of its engine must not find the key.
    return key === undefined ? bytes : await signSnapshot(bytes, key, this.#parts.host.platform);
  }

  async files(request: FileRequest, action: string): Promise<FileAnswer> {
    const answer = readFileAnswer(request, await this.#between({ method: "files", request, action }, action));
    return answer ?? this.#refuse("an answer about files", action);
  }

  async reset(): Promise<void> {
    await this.#between({ method: "reset" }, "Cannot reset the sandbox");
    this.#recording.restart();
    this.#suspended = undefined;
  }

  close(): void {
    if (this.#running !== undefined && !this.#closing.signal.aborted) {
      this.#closing.abort(new WardianError("closed", "The sandbox was closed"));
      return;
    }
    this.#state = "closed";
    this.#end("the sandbox is closed");
  }

  /** A run, or the next stretch of one. */
  async #drive(stretch: Stretch, callOf: (run: number) => RemoteCall): Promise<RunResult> {
    const { limits, signal } = stretch;
    const { host, options } = this.#parts;
    const number = ++this.#runs;
    const running = new RunStretch({
      number,
      calls: this.#openCalls(number, stretch),
      timeoutMs: Math.max(0, limits.timeoutMs - stretch.wallMs),
      onOutput: options.onOutput,
      signals: [this.#closing.signal, options.signal, signal],
      platform: host.platform,
      link: this.#connection.link,
      channel: this.#connection.channel,
      end: (why) => this.#end(why),
    });
    this.#running = running;
    this.#state = "running";
    this.#connection.link.keepAlive(true);
    let ended;
    try {
      ended = await running.drive(callOf(number));
    } finally {
      this.#running = undefined;
      if (!this.closed) this.#connection.link.keepAlive(false);
      if (this.#state === "running") this.#state = "idle";
    }
    const { result, stop, late } = ended;
    const wallMs = stretch.wallMs + ended.wallMs;
    const suspends = result?.status === "suspended" && !this.#closing.signal.aborted;
    const suspended = suspends ? running.calls.suspend() : undefined;
    const lost = result === undefined || (suspends && suspended === undefined);
    const calls = suspended?.report ?? running.calls.close();
    if (lost || this.#closing.signal.aborted || result.sandbox === "closed") this.close();
    if (suspended !== undefined && !this.closed) {
      const { powers, calls: waiting } = suspended;
      this.#suspended = { calls: waiting, powers, limits, wallMs };
    }
    const failure = running.finish();
    if (failure !== undefined) throw failure.error;
    if (lost) return lostResult(ended.why, calls, { wallMs, limits, stop, late });
    const closing = this.#closing.signal;
    const finished = finishResult(result, calls, { wallMs, closed: this.closed, stop, closing, pending: this.pending });
    return this.#recording.complete(result.recording, finished, calls);
  }

  async #capture(
    how: { readonly whole: boolean; readonly pack: boolean },
    action: string,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { policy } = this.#parts;
    const powers = this.#suspended?.powers;
    const bytes = await this.#between({ method: "snapshot", ...how, policy, powers }, action);
    return bytes instanceof Uint8Array ? Uint8Array.from(bytes) : this.#refuse("a snapshot", action);
  }

  /** A call between runs. */
  async #between(call: RemoteCall, action: string): Promise<unknown> {
    this.#mustBeIdle(action);
    this.#state = "running";
    this.#connection.link.keepAlive(true);
    const watchdog = new Watchdog(this.#parts.host.platform, () => this.#end("the guest's side did not answer"));
    watchdog.expect(ANSWER_MS);
    try {
      return await this.#connection.channel.call(call);
    } catch (error) {
      if (call.method === "reset" || error instanceof WorkerGone) this.close();
      if (!(error instanceof WorkerGone)) throw error;
      throw new WardianError("closed", `${action}: ${error.message}`, { cause: error });
    } finally {
      watchdog.stop();
      if (this.#state === "running") {
        this.#state = "idle";
        this.#connection.link.keepAlive(false);
      }
    }
  }

  #refuse(what: string, action: string): never {
    this.#end(`the worker answered with something that is not ${what}`);
    throw new WardianError("closed", `${action}: its worker answered with something that is not ${what}`);
  }

  #openCalls(run: number, { limits, suspend, stdin, earlier }: Stretch): HostedCalls {
    const { host, options } = this.#parts;
    const given = stdin ?? options.stdin;
    const input = typeof given === "string" || given instanceof Uint8Array ? undefined : given;
    return new HostedCalls({
      run,
      link: this.#connection.link,
      input,
      open: (ends) =>
        openRunCalls(host, options, { ...ends, maxToolCalls: limits.toolCalls, allowAsync: true, suspend, earlier }),
    });
  }

  #mustBeIdle(action: string): void {
    if (this.#state === "closed") throw new WardianError("closed", `${action}: the sandbox is closed`);
    if (this.#state === "running") throw new WardianError("busy", `${action}: a run is in progress; await it first`);
  }

  /** The worker is no more, or is to be no more. */
  #end(why: string): void {
    this.#connection.end(why);
    if (this.#running === undefined) this.#state = "closed";
  }
}

interface Stretch {
  readonly limits: Limits;
  /** Of earlier stretches. */
  readonly wallMs: number;
  readonly suspend: boolean;
  readonly signal: AbortSignal | undefined;
  readonly stdin?: ResolvedRunOptions["stdin"] | AwaitedInput;
  readonly earlier?: EarlierCalls;
}

/** What a reset or a commit may take: a new instance of a large guest on a busy machine, many times over. */
const ANSWER_MS = 20_000;
