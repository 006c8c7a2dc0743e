import type { Platform } from "../hosts/platform.ts";

/**
 * How long behind its deadline a guest's thread may answer before it is ended by force. A guest ends itself within
 * milliseconds; the rest is for a machine that is too busy to let it.
 */
const MARGIN_MS = 3_000;

/** The last resort: acts when a thread has not answered in time. */
export class Watchdog {
  readonly #platform: Pick<Platform, "sleep">;
  readonly #bark: () => void;
  #waiting: AbortController | undefined;
  #barked = false;

  constructor(platform: Pick<Platform, "sleep">, bark: () => void) {
    this.#platform = platform;
    this.#bark = bark;
  }

  get barked(): boolean {
    return this.#barked;
  }

  /** An answer is due in `ms`, Infinity for no time; replaces what was expected before. */
  expect(ms: number): void {
    this.stop();
    if (!Number.isFinite(ms)) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    void this.#wait(ms + MARGIN_MS, waiting.signal);
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#platform.sleep(ms, signal);
    } catch {
      return;
    }
    this.#barked = true;
    this.#bark();
  }

  stop(): void {
    this.#waiting?.abort(NO_LONGER);
    this.#waiting = undefined;
  }
}

/** Nobody reads it; without a reason each run would make a DOMException. */
const NO_LONGER = "no longer expected";
