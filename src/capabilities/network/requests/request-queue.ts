/** Lets so many requests through at once, the others in the order in which they came. */
export class RequestQueue {
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves when there is a place, with the function that gives it back; on abort at once, without a place. */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return noPlace;
    if (this.#free > 0) {
      this.#free--;
      return this.#leave();
    }
    const admitted = await new Promise<boolean>((resolve) => {
      const admit = (): void => resolve(true);
      this.#waiting.push(admit);
      // At once: a place must never be given to somebody who has left.
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== admit);
        resolve(false);
      };
      signal.addEventListener("abort", giveUp, { once: true });
    });
    return admitted ? this.#leave() : noPlace;
  }

  #leave(): () => void {
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}

function noPlace(): void {
  // There is nothing to give back.
}
