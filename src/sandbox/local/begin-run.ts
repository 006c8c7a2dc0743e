import { inputSource } from "../../capabilities/environment/input-source.ts";
import type { StopSignal } from "../../engine/instance/fuel-gauge.ts";
import type { Drive } from "../../execution/execution.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import { tightenLimits } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { ResolvedOptions, ResolvedRunOptions } from "../options.ts";
import { joinSignals } from "./join-signals.ts";
import type { RunCalls } from "./run-calls.ts";

/** A run between its begin and its end. */
export interface RunInProgress {
  readonly drive: Drive;
  readonly limits: Limits;
  readonly calls: RunCalls;
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

const DEFAULT_FILENAMES = { javascript: "main.js", typescript: "main.ts", python: "main.py" } as const;
const DEFAULT_PROGRAM = "main.wasm";

/** Points the sandbox's powers at a new run and arms its budget. Throws, before anything has changed, for limits that are wider than the sandbox's. */
export function beginRun(parts: SandboxParts, settings: RunSettings): RunInProgress {
  const { options: own, session, fuel, clock, files, output, powers, denials, host } = parts;
  const { source, given, allowAsync } = settings;
  const limits = tightenLimits(own.limits, given.limits, settings.action);
  session.prepare?.();
  const started = host.platform.monotonicNow();
  const calls = parts.openCalls({ maxToolCalls: limits.toolCalls, allowAsync, fuel });
  const stdin = given.stdin ?? own.stdin;
  powers.set({
    input: typeof stdin === "string" || stdin instanceof Uint8Array ? inputSource(stdin) : stdin,
    tools: calls.tools,
    http: calls.http,
  });
  output.reset({ maxBytes: limits.outputBytes });
  files.resetUsage();
  denials.reset();
  clock.synchronize?.();
  // Last of what can fail: listeners on the caller's signals must not outlive a run that never began.
  const signal = joinSignals([settings.closing, own.signal, given.signal]);
  fuel.arm({
    fuel: limits.fuel,
    timeoutMs: Number.isFinite(limits.timeoutMs) ? limits.timeoutMs : undefined,
    signal: host.interrupted === undefined ? signal.signal : interruptible(signal.signal, host.interrupted),
  });
  const drive: Drive = {
    session,
    fuel,
    calls: calls.pending,
    clock,
    output,
    signal: signal.signal,
    timeoutMs: limits.timeoutMs,
    hostSleep: (ms, until) => host.platform.sleep(ms, until),
    request: {
      source,
      call: given.call,
      filename: given.filename ?? defaultFilename(own),
      args: given.args ?? own.environment.args,
      modules: given.modules,
      softMs: given.graceMs ?? own.graceMs,
    },
  };
  const { filename, args, modules, softMs } = drive.request;
  parts.boundary?.begin({ source, filename, args, modules: [...(modules ?? [])], softMs, limits });
  return { drive, limits, calls, started, release: signal.release };
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
  if (language === "javascript" || language === "typescript" || language === "python")
    return DEFAULT_FILENAMES[language];
  return module?.name ?? DEFAULT_PROGRAM;
}
