import { WardianError } from "../errors.ts";
import { abortText } from "../sandbox/conclude.ts";
import { emptyReport } from "../sandbox/empty-report.ts";
import type { RunOptions } from "../sandbox/options.ts";
import type { RunResult } from "../sandbox/result.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { PoolEvent, PoolStats } from "./pool-events.ts";
import { resolvePoolOptions } from "./pool-options.ts";
import type { PoolOptions, ResolvedPoolOptions } from "./pool-options.ts";
import { RunQueue } from "./run-queue.ts";
import type { QueuedRun } from "./run-queue.ts";
import { Slot } from "./slot.ts";
import type { SlotHost } from "./slot.ts";

/** Options of one run in a pool. */
export interface PoolRunOptions extends RunOptions {
  /** Whose run it is. Default "default". */
  readonly tenant?: string | undefined;
}

/** How long runs follow each other, in milliseconds, until the event loop gets a turn. */
const BREAK_MS = 4;

interface Job {
  readonly source: string | RunOptions;
  readonly options: RunOptions;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the listener off the caller's signal. */
  forget: () => void;
}

/**
 * Sandboxes that are ready before anybody asks, shared by tenants who take turns. Every run gets one that is as it was after
 * its creation; nothing of a run is left for the next.
 */
export class Pool {
  readonly #options: ResolvedPoolOptions;
  readonly #host: SlotHost;
  readonly #queue: RunQueue<Job>;
  readonly #slots: readonly Slot[];
  readonly #idle: Slot[] = [];
  readonly #closing = new AbortController();
  #accepts = true;
  #running = 0;
  #completed = 0;
  #replaced = 0;
  #lastBreakMs = Number.NEGATIVE_INFINITY;
  /** Ends the sleep until a budget has something again. */
  #napping: AbortController | undefined;
  #drained: (() => void)[] = [];

  protected constructor(options: ResolvedPoolOptions, host: SlotHost) {
    this.#options = options;
    this.#host = host;
    this.#queue = new RunQueue(options.maxQueue, options.policyOf);
    this.#slots = Array.from(
      { length: options.size },
      (_, number) =>
        new Slot(number, host, {
          onIdle: (slot) => this.#onIdle(slot),
          onReady: ({ number: sandbox }, createMs) => this.#tell({ type: "sandbox-ready", sandbox, createMs }),
          onLost: ({ number: sandbox }, reason) => {
            this.#replaced += 1;
            this.#tell({ type: "sandbox-lost", sandbox, reason });
          },
          onFailed: (error, retryMs) => this.#tell({ type: "sandbox-failed", error, retryMs }),
        }),
    );
  }

  /** Checks options for `Pool.create` of the package's entry points, which say how sandboxes are made. */
  protected static resolve(options: PoolOptions): ResolvedPoolOptions {
    return resolvePoolOptions(options);
  }

  /** Makes all sandboxes; if one can't be made, none stays. */
  protected async start(): Promise<this> {
    try {
      await Promise.all(this.#slots.map(async (slot) => await slot.start()));
    } catch (error) {
      this.close();
      throw error;
    }
    return this;
  }

  get stats(): PoolStats {
    return {
      size: this.#options.size,
      idle: this.#idle.length,
      running: this.#running,
      waiting: this.#queue.size,
      completed: this.#completed,
      replaced: this.#replaced,
    };
  }

  /**
   * Runs `source` in a sandbox of the pool as soon as it is this tenant's turn. As `Sandbox.run`, it never rejects for anything that
   * the guest did. A `signal` takes a run that waits out of the queue at once, and ends one that goes on.
   *
   * @throws WardianError "overloaded" if too many runs wait, "closed"; as `Sandbox.run` for wrong options.
   */
  async run(source: string, options?: PoolRunOptions): Promise<RunResult>;
  /** The same for a command: `run({ args, stdin })`. */
  async run(options?: PoolRunOptions): Promise<RunResult>;
  async run(source?: string | PoolRunOptions, given?: PoolRunOptions): Promise<RunResult> {
    const { tenant = "default", ...options } = (typeof source === "string" ? given : source) ?? {};
    if (typeof tenant !== "string") throw new TypeError("Cannot run: tenant must be a string");
    if (!this.#accepts) {
      this.#tell({ type: "run-refused", tenant, reason: "closed" });
      throw new WardianError("closed", "Cannot run: the pool is closed");
    }
    return await new Promise((resolve, reject) => {
      const job: Job = {
        source: typeof source === "string" ? source : options,
        options,
        resolve,
        reject,
        forget: nothing,
      };
      this.#add(tenant, job);
    });
  }

  /** Takes no more runs, and closes when those that it has are done. */
  async drain(): Promise<void> {
    this.#accepts = false;
    if (this.#running > 0 || this.#queue.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained.push(resolve);
      });
    }
    this.close();
  }

  /** Ends everything at once: runs that wait or go on end as aborted. */
  close(): void {
    this.#accepts = false;
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new WardianError("closed", "The pool was closed"));
    this.#napping?.abort("closed");
    for (const run of this.#queue.takeAll()) this.#cancel(run, this.#closing.signal.reason);
    for (const slot of this.#slots) slot.close();
    this.#idle.length = 0;
    this.#tellDrained();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  #add(tenant: string, job: Job): void {
    const { signal } = job.options;
    const run = this.#queue.add(tenant, job, this.#host.monotonicNow());
    if (run === undefined) {
      this.#tell({ type: "run-refused", tenant, reason: "overloaded" });
      job.reject(
        new WardianError("overloaded", `Cannot run: ${this.#options.maxQueue} runs are waiting, and no more may`),
      );
      return;
    }
    this.#tell({ type: "run-queued", tenant, waiting: this.#queue.size });
    if (signal !== undefined) {
      const abort = (): void => {
        if (this.#queue.remove(run)) this.#cancel(run, signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      job.forget = () => signal.removeEventListener("abort", abort);
      if (signal.aborted) abort();
    }
    this.#pump();
  }

  /** Gives idle sandboxes to whoever comes next. */
  #pump(): void {
    while (this.#idle.length > 0 && !this.#closing.signal.aborted) {
      const next = this.#queue.next(this.#host.monotonicNow());
      if (next.kind === "none") break;
      if (next.kind === "wait") {
        void this.#nap(next.ms);
        return;
      }
      const slot = this.#idle.shift();
      if (slot !== undefined) void this.#start(next.run, slot);
    }
    // Somebody may go on at once, or nobody can: no need to wake up for it.
    this.#napping?.abort("not needed");
  }

  async #start(run: QueuedRun<Job>, slot: Slot): Promise<void> {
    const { tenant, item: job, queuedAtMs } = run;
    this.#running += 1;
    await this.#breathe();
    const sandbox = await slot.take(this.#options.checkAfterMs);
    const started = this.#host.monotonicNow();
    const waitedMs = started - queuedAtMs;
    if (sandbox === undefined || this.#closing.signal.aborted) {
      this.#startElsewhere(run);
      return;
    }
    this.#tell({ type: "run-started", tenant, sandbox: slot.number, waitedMs });
    let result: RunResult | undefined;
    try {
      result = await runIn(sandbox, job);
      job.resolve(result);
    } catch (error) {
      job.reject(error);
    }
    job.forget();
    this.#ended(run, result?.usage.fuel ?? 0);
    const limit = result?.status === "limit" ? result.limit : undefined;
    const runMs = this.#host.monotonicNow() - started;
    const status = result?.status ?? "refused";
    const fuel = result?.usage.fuel ?? 0;
    this.#tell({ type: "run-ended", tenant, sandbox: slot.number, status, limit, waitedMs, runMs, fuel });
    await slot.giveBack(this.#options.maxRunsPerSandbox);
  }

  /** Runs on this thread follow each other without a turn of the event loop; timers and sockets of the host must get theirs. */
  async #breathe(): Promise<void> {
    if (this.#host.monotonicNow() - this.#lastBreakMs < BREAK_MS) return;
    await this.#host.yieldToEventLoop();
    this.#lastBreakMs = this.#host.monotonicNow();
  }

  /** The sandbox that a run was to get has died: the run waits for another one, unless it has been given up meanwhile. */
  #startElsewhere(run: QueuedRun<Job>): void {
    this.#queue.putBack(run);
    this.#running -= 1;
    const givenUp = [this.#closing.signal, run.item.options.signal].find((signal) => signal?.aborted === true);
    if (givenUp !== undefined && this.#queue.remove(run)) this.#cancel(run, givenUp.reason);
    this.#pump();
  }

  #ended(run: QueuedRun<Job>, fuel: number): void {
    this.#running -= 1;
    this.#completed += 1;
    this.#queue.ended(run, fuel, this.#host.monotonicNow());
    // A tenant that was at its bound may have a run that an idle sandbox can take.
    this.#pump();
    this.#tellDrained();
  }

  #onIdle(slot: Slot): void {
    if (this.#closing.signal.aborted) return;
    this.#idle.push(slot);
    this.#pump();
  }

  /** Sleeps until a budget has something again. One sleep at a time: a new one is as long as is right now. */
  async #nap(ms: number): Promise<void> {
    this.#napping?.abort("another one");
    const napping = new AbortController();
    this.#napping = napping;
    try {
      await this.#host.sleep(ms, napping.signal);
    } catch {
      return;
    }
    this.#pump();
  }

  #cancel(run: QueuedRun<Job>, reason: unknown): void {
    const { tenant, item: job, queuedAtMs } = run;
    const waitedMs = this.#host.monotonicNow() - queuedAtMs;
    job.forget();
    this.#tell({ type: "run-cancelled", tenant, waitedMs });
    job.resolve({ status: "aborted", reason: abortText(reason), ...emptyReport(waitedMs, "kept") });
    this.#tellDrained();
  }

  #tellDrained(): void {
    if (this.#running > 0 || this.#queue.size > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #tell(event: PoolEvent): void {
    this.#options.onEvent(event);
  }
}

async function runIn(sandbox: Sandbox, { source, options }: Job): Promise<RunResult> {
  return typeof source === "string" ? await sandbox.run(source, options) : await sandbox.run(options);
}

function nothing(): void {}
