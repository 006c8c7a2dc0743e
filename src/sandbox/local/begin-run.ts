import { inputSource } from "../../capabilities/environment/input-source.ts";
import type { InputSource } from "../../capabilities/environment.ts";
import type { StopSignal } from "../../engine/instance/fuel-gauge.ts";
import { WardianError } from "../../errors.ts";
import type { Drive } from "../../execution/execution.ts";
import type { RunRequest } from "../../guests/guest.ts";
import { factsOf } from "../../guests/language-facts.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import { tightenLimits } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { ResolvedOptions, ResolvedRunOptions } from "../options.ts";
import { joinSignals } from "./join-signals.ts";
import type { EarlierCalls, RunCalls } from "./run-calls.ts";
import { NOTHING_SPENT } from "./suspended-run.ts";
import type { SpentBudget, SuspendedRun } from "./suspended-run.ts";

/** A run between its begin and its end, or a stretch of one. */
export interface RunInProgress {
  readonly drive: Drive;
  /** Of the whole run. */
  readonly limits: Limits;
  /** By earlier stretches. */
  readonly spent: SpentBudget;
  readonly calls: RunCalls;
  readonly input: InputSource;
  /** On the host's monotonic clock, in milliseconds. */
  readonly started: number;
  /** Takes the run's listeners off its signals. */
  readonly release: () => void;
}

export interface RunSettings {
  readonly source: string;
  readonly given: ResolvedRunOptions;
  /** Opens the messages of errors. */
  readonly action: string;
  /** False: the thread is not given back before the end. */
  readonly allowAsync: boolean;
  /** Aborted by `close`. */
  readonly closing: AbortSignal;
}

const DEFAULT_PROGRAM = "main.wasm";

/** Points the sandbox's powers at a new run and arms its budget. Throws, before anything has changed, for limits that are wider than the sandbox's. */
export function beginRun(parts: SandboxParts, settings: RunSettings): RunInProgress {
  const { options: own, session } = parts;
  const { source, given, allowAsync, closing } = settings;
  const limits = tightenLimits(own.limits, given.limits, settings.action);
  if (given.suspend !== undefined && parts.boundary !== undefined)
    throw new WardianError("unsupported", `${settings.action}: a run that is recorded cannot be suspended`);
  session.prepare?.();
  const request: RunRequest = {
    source,
    call: given.call,
    filename: given.filename ?? defaultFilename(own),
    args: given.args ?? own.environment.args,
    // On a guest's own thread the calls go to a host elsewhere.
    mayBlock: !allowAsync || parts.host.openCalls !== undefined,
    modules: given.modules,
    softMs: given.graceMs ?? own.graceMs,
  };
  const run = open(parts, {
    limits,
    spent: NOTHING_SPENT,
    stdin: given.stdin ?? own.stdin,
    allowAsync,
    suspend: given.suspend !== undefined,
    signals: [closing, given.signal],
    begin: (start) => start(request),
  });
  const { call, filename, args, modules, softMs } = request;
  parts.boundary?.begin({ source, call, filename, args, modules: [...(modules ?? [])], softMs, limits });
  return run;
}

export interface ResumeSettings {
  /** By the number of the call. */
  readonly answers: ReadonlyMap<number, unknown>;
  readonly signal: AbortSignal | undefined;
  readonly closing: AbortSignal;
}

/** The same for the next stretch of a suspended run: what is left of its budget, with the answers to its calls. */
export function resumeRun(parts: SandboxParts, run: SuspendedRun, settings: ResumeSettings): RunInProgress {
  const { clock, options } = parts;
  const { answers, signal, closing } = settings;
  if (run.clock !== undefined) clock.restore?.(run.clock);
  return open(parts, {
    limits: run.limits,
    spent: run.spent,
    stdin: run.stdin ?? options.stdin,
    allowAsync: true,
    suspend: true,
    earlier: { spent: run.powers, calls: run.calls, answers },
    signals: [closing, signal],
    begin: () => run.turn,
  });
}

interface Stretch {
  readonly limits: Limits;
  readonly spent: SpentBudget;
  readonly stdin: string | Uint8Array | InputSource;
  readonly allowAsync: boolean;
  readonly suspend: boolean;
  readonly earlier?: EarlierCalls;
  readonly signals: readonly (AbortSignal | undefined)[];
  readonly begin: Drive["begin"];
}

function open(parts: SandboxParts, stretch: Stretch): RunInProgress {
  const { options: own, session, fuel, clock, files, output, powers, denials, host } = parts;
  const { limits, spent, stdin, allowAsync, suspend, earlier, begin } = stretch;
  const started = host.platform.monotonicNow();
  output.reset({ maxBytes: Math.max(0, limits.outputBytes - spent.outputBytes) });
  files.resetUsage();
  denials.reset();
  clock.synchronize?.();
  // Listeners on the caller's signals must not outlive a run that never began: after this only what cannot fail.
  const signal = joinSignals([own.signal, ...stretch.signals]);
  fuel.arm({
    fuel: Math.max(0, limits.fuel - spent.fuel),
    timeoutMs: Number.isFinite(limits.timeoutMs) ? Math.max(0, limits.timeoutMs - spent.wallMs) : undefined,
    signal: host.interrupted === undefined ? signal.signal : interruptible(signal.signal, host.interrupted),
  });
  const calls = parts.openCalls({ maxToolCalls: limits.toolCalls, allowAsync, fuel, suspend, earlier });
  const input = typeof stdin === "string" || stdin instanceof Uint8Array ? inputSource(stdin) : stdin;
  powers.set({ input, tools: calls.tools, http: calls.http });
  const drive: Drive = {
    session,
    begin,
    fuel,
    calls: calls.pending,
    clock,
    output,
    signal: signal.signal,
    timeoutMs: limits.timeoutMs,
    suspension: calls.suspension,
    hostSleep: (ms, until) => host.platform.sleep(ms, until),
  };
  return { drive, limits, spent, calls, input, started, release: signal.release };
}

/** A signal that another thread can raise too: this one's event loop does not turn while the guest computes. */
function interruptible(signal: AbortSignal, interrupted: () => boolean): StopSignal {
  return {
    get aborted() {
      return signal.aborted || interrupted();
    },
    get reason() {
      return signal.reason as unknown;
    },
  };
}

/** A binary brings its own name. */
function defaultFilename({ language, module }: ResolvedOptions): string {
  return factsOf(language)?.filename ?? module?.name ?? DEFAULT_PROGRAM;
}
