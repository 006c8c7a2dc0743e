import { OutputListener } from "../capabilities/output/output-listener.ts";
import type { OutputChunk } from "../capabilities/output/output-listener.ts";
import type { InputSource } from "../capabilities/environment.ts";
import { WardianError } from "../errors.ts";
import type { StartWorker, WorkerLink } from "../hosts/worker-link.ts";
import type { FileAnswer, FileRequest } from "../sandbox/file-requests.ts";
import { tightenLimits } from "../sandbox/limits.ts";
import type { Limits } from "../sandbox/limits.ts";
import { joinSignals } from "../sandbox/local/join-signals.ts";
import { openRunCalls } from "../sandbox/local/run-calls.ts";
import type { ResolvedOptions, ResolvedRunOptions } from "../sandbox/options.ts";
import type { RunResult } from "../sandbox/result.ts";
import type { SandboxDriver } from "../sandbox/sandbox-driver.ts";
import type { SandboxHost } from "../sandbox/sandbox-host.ts";
import { CallChannel, WorkerGone } from "./call-channel.ts";
import { finishResult, lostResult } from "./finish-result.ts";
import { HostedCalls } from "./hosted-calls.ts";
import { portableRunOptions } from "./portable-options.ts";
import type { PortableOptions } from "./portable-options.ts";
import type { GuestMessage, HostMessage, Question, RemoteCall } from "./protocol.ts";
import { readFileAnswer } from "./read-file-answer.ts";
import { readMessage, readQuestion } from "./read-message.ts";
import { readResult } from "./read-result.ts";
import { Watchdog } from "./watchdog.ts";

interface RunningRun {
  readonly number: number;
  readonly calls: HostedCalls;
  /** Hands the output to the caller's own callback. */
  readonly listener: OutputListener | undefined;
}

/** What every platform's timers take. */
const LONGEST_MS = 2 ** 31 - 1;

/** A guest on another thread or in another process, seen from its host. */
export class RemoteSandbox implements SandboxDriver {
  readonly #host: SandboxHost;
  readonly #options: ResolvedOptions;
  readonly #link: WorkerLink;
  readonly #channel: CallChannel;
  readonly #closing = new AbortController();
  #state: "idle" | "running" | "closed" = "idle";
  #runs = 0;
  #running: RunningRun | undefined;

  /** Starts the worker and creates its sandbox; a worker whose sandbox cannot be made is ended. */
  static async start(
    host: SandboxHost,
    options: ResolvedOptions,
    portable: PortableOptions,
    start: StartWorker,
  ): Promise<RemoteSandbox> {
    const sandbox = new RemoteSandbox(host, options, start);
    const creating = joinSignals([options.signal]);
    const abort = (): void => sandbox.#end("the sandbox's creation was aborted");
    creating.signal.addEventListener("abort", abort);
    try {
      await sandbox.#channel.call({ method: "create", options: portable, sharesModules: sandbox.#link.takesModules });
      creating.signal.throwIfAborted();
    } catch (error) {
      sandbox.close();
      creating.signal.throwIfAborted();
      throw error instanceof WorkerGone
        ? new WardianError("internal", `Cannot create a sandbox: ${error.message}`, { cause: error })
        : error;
    } finally {
      creating.release();
    }
    sandbox.#link.keepAlive(false);
    return sandbox;
  }

  private constructor(host: SandboxHost, options: ResolvedOptions, start: StartWorker) {
    this.#host = host;
    this.#options = options;
    this.#link = start({
      onMessage: (message) => this.#receive(readMessage(message)),
      onQuestion: (ticket, question) => this.#ask(ticket, readQuestion(question)),
      onExit: (why) => this.#end(why),
    });
    this.#channel = new CallChannel((message) => this.#link.post(message));
  }

  get limits(): Limits {
    return this.#options.limits;
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  async run(source: string, given: ResolvedRunOptions, action: string): Promise<RunResult> {
    this.#mustBeIdle(action);
    if (given.suspend !== undefined)
      throw new WardianError(
        "unsupported",
        `${action}: a run can be suspended only where its guest is on this thread; use execution "inline"`,
      );
    const limits = tightenLimits(this.#options.limits, given.limits, action);
    const options = { ...portableRunOptions(given), limits };
    const number = ++this.#runs;
    const { platform } = this.#host;
    const started = platform.monotonicNow();
    const { onOutput } = this.#options;
    const running: RunningRun = {
      number,
      calls: this.#openCalls(number, limits, given),
      listener: onOutput === undefined ? undefined : new OutputListener(onOutput),
    };
    this.#running = running;
    this.#state = "running";
    this.#link.keepAlive(true);
    const stop = joinSignals([this.#closing.signal, this.#options.signal, given.signal]);
    const watchdog = new Watchdog(platform, () => this.#end("the guest did not answer its deadline"));
    watchdog.expect(limits.timeoutMs);
    const abort = (): void => {
      watchdog.expect(0);
      if (!this.#link.interrupt(number)) this.#end("the run was aborted");
      this.#link.post({ kind: "stop", run: number });
    };
    stop.signal.addEventListener("abort", abort);
    if (stop.signal.aborted) abort();
    let result: RunResult | undefined;
    let gone: WorkerGone | undefined;
    try {
      result = readResult(await this.#channel.call({ method: "run", run: number, source, options, action }));
      if (result === undefined) this.#end("the worker answered with something that is no result");
      watchdog.stop();
      await this.#drained(running, started + limits.timeoutMs, stop.signal);
    } catch (error) {
      if (!(error instanceof WorkerGone)) throw error;
      gone = error;
    } finally {
      watchdog.stop();
      stop.signal.removeEventListener("abort", abort);
      stop.release();
      this.#running = undefined;
      if (!this.closed) this.#link.keepAlive(false);
      if (this.#state === "running") this.#state = "idle";
    }
    const calls = running.calls.close();
    const wallMs = platform.monotonicNow() - started;
    if (result === undefined || this.#closing.signal.aborted || result.sandbox === "closed") this.close();
    running.listener?.finish();
    const failure = running.listener?.takeFailure() ?? running.calls.takeFailure();
    if (failure !== undefined) throw failure.error;
    if (result !== undefined)
      return finishResult(result, calls, {
        wallMs,
        closed: this.closed,
        stop: stop.signal,
        closing: this.#closing.signal,
      });
    return lostResult(gone?.message ?? "its worker answered with something that is no result", calls, {
      wallMs,
      limits,
      stop: stop.signal,
      late: watchdog.barked,
    });
  }

  async files(request: FileRequest, action: string): Promise<FileAnswer> {
    const answer = readFileAnswer(request, await this.#between({ method: "files", request, action }, action));
    if (answer !== undefined) return answer;
    this.#end("the worker answered with something that is no answer about files");
    throw new WardianError("closed", `${action}: its worker answered with something that is no answer`);
  }

  async reset(): Promise<void> {
    await this.#between({ method: "reset" }, "Cannot reset the sandbox");
  }

  /** A call between runs. */
  async #between(call: RemoteCall, action: string): Promise<unknown> {
    this.#mustBeIdle(action);
    this.#state = "running";
    this.#link.keepAlive(true);
    const watchdog = new Watchdog(this.#host.platform, () => this.#end("the guest's side did not answer"));
    watchdog.expect(ANSWER_MS);
    try {
      return await this.#channel.call(call);
    } catch (error) {
      if (call.method === "reset" || error instanceof WorkerGone) this.close();
      if (!(error instanceof WorkerGone)) throw error;
      throw new WardianError("closed", `${action}: ${error.message}`, { cause: error });
    } finally {
      watchdog.stop();
      if (this.#state === "running") {
        this.#state = "idle";
        this.#link.keepAlive(false);
      }
    }
  }

  close(): void {
    if (this.#running !== undefined && !this.#closing.signal.aborted) {
      this.#closing.abort(new WardianError("closed", "The sandbox was closed"));
      return;
    }
    this.#state = "closed";
    this.#end("the sandbox is closed");
  }

  /** The run ends when its output has been taken, or at its deadline. */
  async #drained({ listener }: RunningRun, deadline: number, signal: AbortSignal): Promise<void> {
    const { platform } = this.#host;
    const left = Math.min(deadline - platform.monotonicNow(), LONGEST_MS);
    const drained = listener?.drained();
    if (drained === undefined || !(left > 0) || signal.aborted) return;
    const over = new AbortController();
    const abort = (): void => over.abort("the run was aborted");
    signal.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([drained, platform.sleep(left, over.signal).catch(() => undefined)]);
    } finally {
      signal.removeEventListener("abort", abort);
      over.abort("the output has been taken");
    }
  }

  #openCalls(number: number, limits: Limits, given: ResolvedRunOptions): HostedCalls {
    const stdin = given.stdin ?? this.#options.stdin;
    const input: InputSource | undefined = typeof stdin === "string" || stdin instanceof Uint8Array ? undefined : stdin;
    return new HostedCalls({
      run: number,
      link: this.#link,
      input,
      open: (fuel) =>
        openRunCalls(this.#host, this.#options, { maxToolCalls: limits.toolCalls, allowAsync: true, fuel }),
    });
  }

  #mustBeIdle(action: string): void {
    if (this.#state === "closed") throw new WardianError("closed", `${action}: the sandbox is closed`);
    if (this.#state === "running") throw new WardianError("busy", `${action}: a run is in progress; await it first`);
  }

  #receive(message: GuestMessage | undefined): void {
    switch (message?.kind) {
      case "returned":
      case "threw":
        this.#channel.receive(message);
        break;
      case "want-module":
        void this.#sendModule(message.name);
        break;
      case "output":
        this.#output(message.chunk);
        break;
      case "cancel":
        if (message.run === this.#running?.number) this.#running.calls.cancel(message.request);
        break;
      case undefined:
        this.#end("the worker sent something that is no message");
    }
  }

  /** Compiled once in a process, however many threads use it. The loader takes only names of artefacts. */
  async #sendModule(name: string): Promise<void> {
    let module: WebAssembly.Module | undefined;
    try {
      module = await this.#host.platform.assets.module(name);
    } catch {
      // The other end tries for itself, and says what is wrong.
    }
    this.#link.post({ kind: "module", name, module } satisfies HostMessage);
  }

  #output(chunk: OutputChunk): void {
    this.#running?.listener?.deliver(chunk.stream, chunk.bytes);
  }

  #ask(ticket: number, question: Question | undefined): void {
    const calls = this.#running?.calls;
    if (calls === undefined || question === undefined) this.#end("the worker asked something that is no question");
    else
      calls.answer(ticket, question).catch((error: unknown) => {
        this.#end(`a host function failed: ${error instanceof Error ? error.message : String(error)}`);
      });
  }

  /** The worker is no more, or is to be no more. */
  #end(why: string): void {
    this.#link.terminate();
    this.#channel.end(why);
    if (this.#running === undefined) this.#state = "closed";
  }
}

/** What a reset or a commit may take: a new instance of a large guest on a busy machine, many times over. */
const ANSWER_MS = 20_000;
