import type { ToolSettlement } from "./tool-calls.ts";

/** Characters of results that are handed to the guest at once. */
const MAX_DELIVERED = 8 * 2 ** 20;

/** Calls that have ended and that the guest has not been told of. */
export class SettlementQueue {
  readonly #settled: ToolSettlement[] = [];
  #wake: (() => void) | undefined;

  push(settlement: ToolSettlement): void {
    this.#settled.push(settlement);
    this.wake();
  }

  /** As many as a guest can be told in one message, but one at least. */
  take(): readonly ToolSettlement[] {
    let characters = 0;
    let count = 0;
    for (const { reply } of this.#settled) {
      characters += reply.state === "value" ? reply.json.length : 0;
      if (count > 0 && characters > MAX_DELIVERED) break;
      count++;
    }
    return this.#settled.splice(0, count);
  }

  /** Resolves when there is one (at once if there is). Only one waiter at a time. */
  async next(): Promise<void> {
    if (this.#settled.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Ends the wait that is going on, if any. */
  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  clear(): void {
    this.#settled.length = 0;
  }
}
