import { OutputListener } from "../capabilities/output/output-listener.ts";
import type { OutputChunk } from "../capabilities/output/output-listener.ts";
import type { WorkerLink } from "../hosts/worker-link.ts";
import type { Platform } from "../hosts/platform.ts";
import { joinSignals } from "../sandbox/local/join-signals.ts";
import type { ResolvedOptions } from "../sandbox/options.ts";
import type { RunResult } from "../sandbox/result.ts";
import { WorkerGone } from "./call-channel.ts";
import type { CallChannel } from "./call-channel.ts";
import type { HostedCalls } from "./hosted-calls.ts";
import type { RemoteCall } from "./protocol.ts";
import { readResult } from "./read-result.ts";
import { Watchdog } from "./watchdog.ts";

export interface StretchSettings {
  readonly number: number;
  readonly calls: HostedCalls;
  /** Left of the run's time, in milliseconds. */
  readonly timeoutMs: number;
  readonly onOutput: ResolvedOptions["onOutput"];
  readonly signals: readonly (AbortSignal | undefined)[];
  readonly platform: Platform;
  readonly link: WorkerLink;
  readonly channel: CallChannel;
  /** Ends the worker. */
  readonly end: (why: string) => void;
}

/** How one stretch ended, as far as its worker said so. */
export interface StretchEnd {
  /** Undefined: the worker is gone, or answered with something that is no result. */
  readonly result: RunResult | undefined;
  readonly why: string;
  readonly wallMs: number;
  readonly stop: AbortSignal;
  /** The deadline was not answered. */
  readonly late: boolean;
}

/** What every platform's timers take. */
const LONGEST_MS = 2 ** 31 - 1;

const NO_RESULT = "its worker answered with something that is no result";

/** A run on another thread, or one stretch of a run that was suspended, seen from its host. */
export class RunStretch {
  readonly number: number;
  readonly calls: HostedCalls;
  readonly #settings: StretchSettings;
  /** Hands the output to the caller's own callback. */
  readonly #listener: OutputListener | undefined;

  constructor(settings: StretchSettings) {
    const { number, calls, onOutput } = settings;
    this.number = number;
    this.calls = calls;
    this.#settings = settings;
    this.#listener = onOutput === undefined ? undefined : new OutputListener(onOutput);
  }

  deliver({ stream, bytes }: OutputChunk): void {
    this.#listener?.deliver(stream, bytes);
  }

  /** Has the worker perform `call`, and resolves when its output has been taken too. */
  async drive(call: RemoteCall): Promise<StretchEnd> {
    const { number, timeoutMs, signals, platform, link, channel, end } = this.#settings;
    const started = platform.monotonicNow();
    const stop = joinSignals(signals);
    const watchdog = new Watchdog(platform, () => end("the guest did not answer its deadline"));
    watchdog.expect(timeoutMs);
    const abort = (): void => {
      watchdog.expect(0);
      if (!link.interrupt(number)) end("the run was aborted");
      link.post({ kind: "stop", run: number });
    };
    stop.signal.addEventListener("abort", abort);
    if (stop.signal.aborted) abort();
    let result: RunResult | undefined;
    let why = NO_RESULT;
    try {
      const answer = channel.call(call);
      this.calls.begin();
      result = readResult(await answer, timeoutMs, () => platform.monotonicNow() - started < timeoutMs);
      if (result === undefined) end("the worker answered with something that is no result");
      watchdog.stop();
      await this.#drained(started + timeoutMs, stop.signal);
    } catch (error) {
      if (!(error instanceof WorkerGone)) throw error;
      why = error.message;
    } finally {
      watchdog.stop();
      stop.signal.removeEventListener("abort", abort);
      stop.release();
    }
    return { result, why, wallMs: platform.monotonicNow() - started, stop: stop.signal, late: watchdog.barked };
  }

  /** Tells the caller's callback that nothing follows. Returns what it, or another of the caller's functions, threw. */
  finish(): { readonly error: unknown } | undefined {
    this.#listener?.finish();
    return this.#listener?.takeFailure() ?? this.calls.takeFailure();
  }

  /** The run ends when its output has been taken, or at its deadline. */
  async #drained(deadline: number, signal: AbortSignal): Promise<void> {
    const { platform } = this.#settings;
    const left = Math.min(deadline - platform.monotonicNow(), LONGEST_MS);
    const drained = this.#listener?.drained();
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
}
