import { gatherInput } from "../capabilities/environment/gather-input.ts";
import type { InputStream } from "../capabilities/environment/gather-input.ts";
import { LiveInput } from "../capabilities/environment/live-input.ts";
import { WardianError } from "../errors.ts";
import { tightenLimits } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { joinSignals } from "./local/join-signals.ts";
import type { ResolvedRunOptions } from "./options.ts";
import type { RunResult } from "./result.ts";

/** What a gatherer has of its sandbox. */
export interface GathererParts {
  /** The stream of the sandbox's own options. */
  readonly stream: InputStream | undefined;
  readonly signal: AbortSignal | undefined;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Reads the input of a run, if it comes as a stream: before the run begins, or meanwhile where the guest can wait for it. */
export class InputGatherer {
  readonly #parts: GathererParts;
  /** The sandbox's own stream until a run has taken it: it can be read once. */
  #own: InputStream | undefined;
  #gathering: AbortController | undefined;

  constructor(parts: GathererParts) {
    this.#parts = parts;
    this.#own = parts.stream;
  }

  /** For a fork: the stream is the original's. */
  fork(): InputGatherer {
    return new InputGatherer({ ...this.#parts, stream: undefined });
  }

  /** The stream of a run with these options, if it has one. */
  streamOf({ stdin, stream }: ResolvedRunOptions): InputStream | undefined {
    return stream ?? (stdin === undefined ? this.#own : undefined);
  }

  /** A run waits for its input: another one must not begin. */
  get busy(): boolean {
    return this.#gathering !== undefined;
  }

  /**
   * `options` with the stream's bytes as their input. If they do not come in time, or the caller's signal comes first, with a
   * signal that is aborted: the run then ends before its guest begins.
   */
  async gather(
    stream: InputStream,
    options: ResolvedRunOptions,
    limits: Limits,
    action: string,
  ): Promise<ResolvedRunOptions> {
    const { timeoutMs, inputBytes } = tightenLimits(limits, options.limits, action);
    if (stream === this.#own) this.#own = undefined;
    const gathering = new AbortController();
    this.#gathering = gathering;
    const joined = joinSignals([gathering.signal, this.#parts.signal, options.signal]);
    if (Number.isFinite(timeoutMs))
      this.#parts.sleep(timeoutMs, joined.signal).then(
        () => gathering.abort(new Error(`Standard input did not end within ${timeoutMs} ms`)),
        () => undefined,
      );
    try {
      return { ...options, stdin: await gatherInput(stream, { maxBytes: inputBytes, signal: joined.signal }) };
    } catch (error) {
      if (!joined.signal.aborted) throw error;
      return { ...options, stdin: "", signal: joined.signal };
    } finally {
      joined.release();
      this.#gathering = undefined;
      // Its timer is of no more use.
      gathering.abort("the input is there");
    }
  }

  /** The run with the stream as its input, which is read as the guest asks for it. What goes wrong with the stream is the caller's, and ends the run. */
  async feed(
    stream: InputStream,
    options: ResolvedRunOptions,
    limits: Limits,
    action: string,
    run: (options: ResolvedRunOptions) => Promise<RunResult>,
  ): Promise<RunResult> {
    const { inputBytes } = tightenLimits(limits, options.limits, action);
    if (stream === this.#own) this.#own = undefined;
    const broken = new AbortController();
    const live = new LiveInput(stream, inputBytes, (error) => broken.abort(error));
    const joined = joinSignals([broken.signal, options.signal]);
    try {
      const result = await run({ ...options, live, signal: joined.signal });
      if (broken.signal.aborted) throw broken.signal.reason;
      return result;
    } finally {
      joined.release();
      live.close();
    }
  }

  /** The sandbox is closed: nobody will read what comes. */
  close(): void {
    this.#gathering?.abort(new WardianError("closed", "The sandbox was closed"));
  }
}
