import type { Sandbox } from "../sandbox/sandbox.ts";

/** What slots are made with. */
export interface SlotHost {
  /** Makes one sandbox, ready for its first run. */
  createSandbox(): Promise<Sandbox>;
  /** A monotonic clock in milliseconds. */
  monotonicNow(): number;
  /** Resolves after `ms`; rejects on abort. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Resolves after the event loop has had a turn. */
  yieldToEventLoop(): Promise<void>;
}

export interface SlotEvents {
  /** It has a sandbox that is as it was after its creation. */
  onIdle(slot: Slot): void;
  onReady(slot: Slot, createMs: number): void;
  onLost(slot: Slot, reason: string): void;
  onFailed(error: unknown, retryMs: number): void;
}

/** Between two attempts to make a sandbox: doubles from the first to the last, in milliseconds. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** How long a sandbox that was idle may take to answer before another one takes its place, in milliseconds. */
const CHECK_MS = 2_000;

/** One place of a pool: it always has a sandbox, or is getting a new one. */
export class Slot {
  readonly number: number;
  readonly #host: SlotHost;
  readonly #events: SlotEvents;
  readonly #closing = new AbortController();
  #sandbox: Sandbox | undefined;
  #runs = 0;
  #idleSinceMs = 0;

  constructor(number: number, host: SlotHost, events: SlotEvents) {
    this.number = number;
    this.#host = host;
    this.#events = events;
  }

  /** Makes the first sandbox; rejects if that fails. */
  async start(): Promise<void> {
    await this.#create();
    if (!this.#closing.signal.aborted) this.#events.onIdle(this);
  }

  /** Its sandbox for one run, after which `giveBack` is to be called; undefined if it turns out to be gone: then another one is on its way. */
  async take(checkAfterMs: number): Promise<Sandbox | undefined> {
    const sandbox = this.#sandbox;
    if (sandbox === undefined) return undefined;
    const idleMs = this.#host.monotonicNow() - this.#idleSinceMs;
    const answers = idleMs < checkAfterMs || sandbox.closed || (await this.#answers(sandbox));
    if (answers && !sandbox.closed) return sandbox;
    this.#lose(answers ? "it had ended while it was idle" : "it had stopped answering while it was idle");
    return undefined;
  }

  /** Whether a sandbox does as it is told within a time that a healthy one needs a hundredth of. */
  async #answers(sandbox: Sandbox): Promise<boolean> {
    const answered = new AbortController();
    const told = sandbox.reset().then(
      () => true,
      // Then it is closed.
      () => true,
    );
    const late = this.#host.sleep(CHECK_MS, answered.signal).then(
      () => false,
      () => true,
    );
    const answers = await Promise.race([told, late]);
    answered.abort("answered");
    return answers;
  }

  /** Puts the sandbox back after a run, or another one in its place. */
  async giveBack(maxRuns: number): Promise<void> {
    this.#runs += 1;
    const sandbox = this.#sandbox;
    if (sandbox === undefined) return;
    if (this.#runs >= maxRuns) {
      sandbox.close();
      await this.#replace();
      return;
    }
    try {
      if (!sandbox.closed) await sandbox.reset();
    } catch {
      // Then it is closed.
    }
    if (sandbox.closed) this.#lose("its run could not be ended, or it could not be put back");
    else this.#idle();
  }

  close(): void {
    this.#closing.abort("closed");
    this.#sandbox?.close();
    this.#sandbox = undefined;
  }

  #idle(): void {
    this.#idleSinceMs = this.#host.monotonicNow();
    if (!this.#closing.signal.aborted) this.#events.onIdle(this);
  }

  #lose(reason: string): void {
    if (this.#closing.signal.aborted) return;
    this.#sandbox?.close();
    this.#sandbox = undefined;
    this.#events.onLost(this, reason);
    void this.#replace();
  }

  /** Tries until it has one, or is closed. */
  async #replace(): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !this.#closing.signal.aborted; retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)) {
      try {
        await this.#create();
        this.#idle();
        return;
      } catch (error) {
        this.#events.onFailed(error, retryMs);
        await this.#pause(retryMs);
      }
    }
  }

  async #create(): Promise<void> {
    const started = this.#host.monotonicNow();
    const sandbox = await this.#host.createSandbox();
    if (this.#closing.signal.aborted) {
      sandbox.close();
      return;
    }
    this.#sandbox = sandbox;
    this.#runs = 0;
    this.#idleSinceMs = this.#host.monotonicNow();
    this.#events.onReady(this, this.#idleSinceMs - started);
  }

  async #pause(ms: number): Promise<void> {
    try {
      await this.#host.sleep(ms, this.#closing.signal);
    } catch {
      // Closed: the loop ends.
    }
  }
}
