import type { Clock } from "../capabilities/clock.ts";
import { inputSource } from "../capabilities/environment/input-source.ts";
import type { OwnedFileView } from "../capabilities/files/view/create-file-view.ts";
import type { GuestSession } from "../guests/guest.ts";
import type { FuelGauge } from "../engine/instance/fuel-gauge.ts";
import type { RecordingOutputSink } from "../capabilities/output/output-sink.ts";
import type { Random } from "../capabilities/random.ts";
import { HttpLedger } from "../capabilities/network/http-ledger.ts";
import { joinPending } from "../capabilities/pending-calls.ts";
import { ToolLedger } from "../capabilities/tools/tool-ledger.ts";
import { WardianError } from "../errors.ts";
import { fetchTransport } from "../capabilities/network/fetch-transport.ts";
import { abortedTurn } from "../execution/execution.ts";
import type { Drive, FinalTurn } from "../execution/execution.ts";
import { driveInline, driveInlineSync } from "../execution/inline.ts";
import { buildSandbox } from "./build-sandbox.ts";
import { conclude } from "./conclude.ts";
import type { Refused } from "./conclude.ts";
import { denialsOf } from "./denials.ts";
import { describe, tightenLimits } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { resolveOptions, resolveRunOptions } from "./options.ts";
import type { ResolvedOptions, RunOptions, SandboxOptions } from "./options.ts";
import type { RunReport, RunResult, SandboxState } from "./result.ts";
import type { RunSwitch } from "./run-switch.ts";
import type { SandboxHost } from "./sandbox-host.ts";

/** The made parts of a sandbox. */
export interface SandboxParts {
  readonly options: ResolvedOptions;
  readonly host: SandboxHost;
  readonly session: GuestSession;
  readonly fuel: FuelGauge;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: OwnedFileView;
  readonly output: RecordingOutputSink;
  readonly powers: RunSwitch;
}

/**
 * A sealed place to run code in: one guest, its limits and its powers.
 * State persists from run to run until `reset`. Not for concurrent runs: one at a time.
 */
export class Sandbox {
  readonly #parts: SandboxParts;
  #state: "idle" | "running" | "closed" = "idle";
  /** Aborts the run in progress when `close` is called. */
  readonly #closing = new AbortController();

  protected constructor(parts: SandboxParts) {
    this.#parts = parts;
  }

  /** Makes a sandbox on a given host; the package's entry points bind the platform's. */
  protected static async createOn(host: SandboxHost, options: SandboxOptions): Promise<SandboxParts> {
    return await buildSandbox(host, resolveOptions(options));
  }

  /** The limits in force, defaults filled in. */
  get limits(): Limits {
    return this.#parts.options.limits;
  }

  /** Whether `close` was called or the sandbox had to be given up. */
  get closed(): boolean {
    return this.#state === "closed";
  }

  /**
   * Runs `source` and resolves with how it ended. Never rejects for anything that the guest did.
   * The guest computes on the calling thread; the event loop is free only while it waits for a timer, a tool or the network.
   *
   * @throws TypeError, RangeError or WardianError ("invalid-option") for wrong arguments, "closed", "busy".
   */
  async run(source: string, options?: RunOptions): Promise<RunResult> {
    const run = this.#begin("Cannot run", source, options, true);
    return this.#end(run, await this.#guarded(run, () => driveInline(run.drive)));
  }

  /**
   * The same without giving the thread back: waiting for a timer blocks, and a tool that returns a promise fails in the guest.
   *
   * @throws as {@link run} does.
   */
  runSync(source: string, options?: RunOptions): RunResult {
    const run = this.#begin("Cannot run", source, options, false);
    let turn: FinalTurn;
    try {
      turn = driveInlineSync(run.drive);
    } catch (cause) {
      turn = { state: "stopped", reason: { kind: "host-error", cause } };
    }
    return this.#end(run, turn);
  }

  /**
   * Puts guest, in-memory files and virtual clock back to the state after creation. Host directories stay as they are.
   *
   * @throws WardianError "closed" or "busy".
   */
  reset(): void {
    this.#mustBeIdle("Cannot reset the sandbox");
    const { session, files, clock, random } = this.#parts;
    clock.reset?.();
    random.reset?.();
    session.reset();
    files.reset();
  }

  /** Releases the guest's memory and what is held of the host. Closing twice does nothing; a run in progress ends as aborted first. */
  close(): void {
    if (this.#state === "running") {
      // The guest may be on the stack below (close called from a tool): the run's own end does the rest.
      this.#closing.abort(new WardianError("closed", "The sandbox was closed"));
      return;
    }
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#parts.session.close();
    this.#parts.files.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return await Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #mustBeIdle(action: string): void {
    if (this.#state === "closed") throw new WardianError("closed", `${action}: the sandbox is closed`);
    if (this.#state === "running") throw new WardianError("busy", `${action}: a run is in progress; await it first`);
  }

  #begin(action: string, source: unknown, options: unknown, allowAsync: boolean): RunInProgress {
    if (typeof source !== "string")
      throw new TypeError(`${action}: the source must be a string, not ${describe(source)}`);
    const given = resolveRunOptions(options, this.#parts.options.language, action);
    this.#mustBeIdle(action);
    const { options: own, session, fuel, clock, files, output, powers, host } = this.#parts;
    const limits = tightenLimits(own.limits, given.limits, action);
    const signal = joinSignals([this.#closing.signal, own.signal, given.signal]);
    session.prepare?.();
    const started = host.platform.monotonicNow();
    const ledger = new ToolLedger({
      tools: own.tools,
      maxCalls: limits.toolCalls,
      allowAsync,
      charge: (units) => fuel.charge(units),
    });
    const http = new HttpLedger({
      network: own.network,
      transport: own.fetch === undefined ? (own.transport ?? host.platform.transport) : fetchTransport(own.fetch),
      allowAsync,
      charge: (units) => fuel.charge(units),
      remainingMs: () => fuel.remainingMs(),
      now: () => host.platform.monotonicNow(),
      sleep: (ms, until) => host.platform.sleep(ms, until),
    });
    const stdin = given.stdin ?? own.stdin;
    powers.set({
      input: typeof stdin === "string" || stdin instanceof Uint8Array ? inputSource(stdin) : stdin,
      tools: ledger,
      http,
    });
    output.reset({ maxBytes: limits.outputBytes });
    files.resetUsage();
    clock.synchronize?.();
    this.#state = "running";
    fuel.arm({
      fuel: limits.fuel,
      timeoutMs: Number.isFinite(limits.timeoutMs) ? limits.timeoutMs : undefined,
      signal: signal.signal,
    });
    const drive: Drive = {
      session,
      fuel,
      calls: own.network.rules.length > 0 ? joinPending([ledger, http]) : ledger,
      clock,
      signal: signal.signal,
      timeoutMs: limits.timeoutMs,
      hostSleep: (ms, until) => host.platform.sleep(ms, until),
      request: {
        source,
        filename: given.filename ?? DEFAULT_FILENAMES[own.language],
        args: given.args ?? own.environment.args,
        modules: given.modules,
        softMs: given.graceMs ?? own.graceMs,
      },
    };
    return { drive, limits, ledger, http, started, release: signal.release };
  }

  async #guarded(run: RunInProgress, drive: () => Promise<FinalTurn>): Promise<FinalTurn> {
    const { signal } = run.drive;
    if (signal?.aborted === true) return abortedTurn(signal);
    try {
      return await drive();
    } catch (cause) {
      return { state: "stopped", reason: { kind: "host-error", cause } };
    }
  }

  #end(run: RunInProgress, lastTurn: FinalTurn): RunResult {
    const { session, fuel, powers, files, output, host } = this.#parts;
    const { limits, ledger, http, started } = run;
    const turn = this.#closing.signal.aborted ? abortedTurn(this.#closing.signal) : lastTurn;
    run.release();
    output.flush();
    ledger.close();
    http.close();
    powers.set(undefined);
    const refused: Refused = { memory: session.memoryRefused(), fileQuota: files.usage.quotaRefusals > 0 };
    const memoryBytes = session.memoryBytes();
    const used = fuel.used;
    fuel.disarm();
    const sandbox = this.#recover(turn);
    const report: RunReport = {
      stdout: output.text("stdout"),
      stderr: output.text("stderr"),
      truncated: { stdout: output.dropped("stdout"), stderr: output.dropped("stderr") },
      displays: [],
      denials: [...denialsOf(turn, files.usage.denials), ...http.denials],
      calls: ledger.records,
      requests: http.records,
      usage: {
        fuel: used,
        wallMs: host.platform.monotonicNow() - started,
        memoryBytes,
        outputBytes: output.writtenBytes,
        toolCalls: ledger.count,
        fileBytes: files.usage.bytesRead + files.usage.bytesWritten,
        requests: http.count,
        networkBytes: http.bytes,
      },
      sandbox,
    };
    const result = conclude(turn, limits, refused, report);
    const failure = output.takeCallbackError();
    // The caller's own callback threw: that is a host mistake, told once the guest is safely out of the way.
    if (failure !== undefined) throw failure.error;
    return result;
  }

  /** After a stop the guest's memory is in the middle of something: back to the start, or, if even that fails, away with it. */
  #recover(turn: FinalTurn): SandboxState {
    this.#state = "idle";
    if (this.#closing.signal.aborted) {
      this.close();
      return "closed";
    }
    if (turn.state === "done" && turn.outcome.kind !== "exit") return "kept";
    try {
      this.#parts.session.reset();
      // What the guest held open went with its memory; what it keeps from run to run stays open.
      this.#parts.files.closeAll();
      return "reset";
    } catch {
      this.close();
      return "closed";
    }
  }
}

interface RunInProgress {
  readonly drive: Drive;
  readonly limits: Limits;
  readonly ledger: ToolLedger;
  readonly http: HttpLedger;
  /** On the host's monotonic clock, in milliseconds. */
  readonly started: number;
  readonly release: () => void;
}

const DEFAULT_FILENAMES = { javascript: "main.js", typescript: "main.ts", python: "main.py" } as const;

interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Takes the listeners off again: a caller's long-lived signal must not collect one per run. */
  readonly release: () => void;
}

/** One signal that aborts when any of `signals` does. */
function joinSignals(signals: readonly (AbortSignal | undefined)[]): JoinedSignal {
  const joined = new AbortController();
  const forwards: (() => void)[] = [];
  for (const signal of signals) {
    if (signal === undefined) continue;
    const forward = (): void => joined.abort(signal.reason);
    if (signal.aborted) forward();
    signal.addEventListener("abort", forward, { once: true });
    forwards.push(() => signal.removeEventListener("abort", forward));
  }
  return {
    signal: joined.signal,
    release: () => {
      for (const remove of forwards) remove();
    },
  };
}
