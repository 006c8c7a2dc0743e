/**
 * Fuel that comes in at a steady rate and may be saved up to a bound (token bucket, RFC 2697 gives the usual form). What a
 * run uses is known only at its end, so the level may fall below zero; it is then paid back before the next run.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #level: number;
  #atMs: number;

  /** Starts full. `perSecond` may be Infinity: then there is always enough. */
  constructor(perSecond: number, capacity: number, nowMs: number) {
    this.#perMs = perSecond / 1_000;
    this.#capacity = capacity;
    this.#level = capacity;
    this.#atMs = nowMs;
  }

  /** Whether there is anything to spend. */
  has(nowMs: number): boolean {
    return this.waitMs(nowMs) === 0;
  }

  /** Milliseconds until there is. */
  waitMs(nowMs: number): number {
    if (this.#perMs === Number.POSITIVE_INFINITY) return 0;
    this.#fill(nowMs);
    return this.#level > 0 ? 0 : -this.#level / this.#perMs + SMALLEST_WAIT_MS;
  }

  spend(units: number, nowMs: number): void {
    if (this.#perMs === Number.POSITIVE_INFINITY) return;
    this.#fill(nowMs);
    this.#level -= units;
  }

  /** Whether forgetting it changes nothing. */
  full(nowMs: number): boolean {
    if (this.#perMs === Number.POSITIVE_INFINITY) return true;
    this.#fill(nowMs);
    return this.#level >= this.#capacity;
  }

  #fill(nowMs: number): void {
    this.#level = Math.min(this.#capacity, this.#level + Math.max(0, nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
  }
}

/** Above zero, so that whoever waits finds something. */
const SMALLEST_WAIT_MS = 1;
