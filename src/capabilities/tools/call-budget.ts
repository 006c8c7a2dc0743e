import { CallFailure } from "./tool-error.ts";

/** Calls of the earlier stretches of a run that was suspended. */
export interface SpentCalls {
  /** The number of the next call. */
  readonly next: number;
  /** Calls that counted against the run's limit. */
  readonly count: number;
  /** Calls that counted against the limit of their own tool. */
  readonly paid: readonly (readonly [tool: string, calls: number])[];
}

/**
 * Characters of arguments that all pending calls may hold: a guest that starts a thousand of a mebibyte must not fill the
 * host.
 */
const MAX_WAITING = 16 * 2 ** 20;

/** What the calls of a run may still take: of the run's own limit, of each tool's, and of the host's memory. */
export class CallBudget {
  readonly #maxCalls: number;
  readonly #paid: Map<string, number>;
  #count: number;
  #waiting = 0;
  #exhausted: number | undefined;

  constructor(maxCalls: number, { count = 0, paid = [] }: Partial<SpentCalls> = {}) {
    this.#maxCalls = maxCalls;
    this.#count = count;
    this.#paid = new Map(paid);
  }

  /** Calls that counted against the run's limit. */
  get count(): number {
    return this.#count;
  }

  get paid(): readonly (readonly [tool: string, calls: number])[] {
    return [...this.#paid];
  }

  /** The budget of calls that refused one last; undefined if none has. */
  get exhausted(): number | undefined {
    return this.#exhausted;
  }

  /**
   * Counts a call against the run's limit.
   *
   * @throws CallFailure if there is none left, or if pending calls hold too much already.
   */
  take(name: string, characters: number): void {
    if (this.#count >= this.#maxCalls) {
      this.#exhausted = this.#maxCalls;
      throw new CallFailure(
        "limit",
        `Cannot call tool "${name}": the limit of ${this.#maxCalls} tool calls is reached`,
        { rule: `limits.toolCalls: ${this.#maxCalls}` },
      );
    }
    if (this.#waiting + characters > MAX_WAITING) {
      throw new CallFailure(
        "limit",
        `Cannot call tool "${name}": the calls that are pending hold ${MAX_WAITING} characters of arguments`,
        { rule: "arguments of pending calls" },
      );
    }
    this.#count++;
  }

  /**
   * Counts a call against its tool's own limit.
   *
   * @throws CallFailure if there is none left.
   */
  pay(name: string, allowed: number): void {
    const paid = this.#paid.get(name) ?? 0;
    if (paid >= allowed) {
      this.#exhausted = allowed;
      throw new CallFailure("limit", `Cannot call tool "${name}": its limit of ${allowed} calls is reached`, {
        rule: `maxCalls: ${allowed}`,
      });
    }
    this.#paid.set(name, paid + 1);
  }

  /** A call waits and its arguments with it, or (negative) no longer. */
  hold(characters: number): void {
    this.#waiting += characters;
  }
}
