/** What a scheduler needs of its platform. */
export interface SchedulerHost {
  /** A monotonic clock in milliseconds. */
  monotonicNow(): number;
  /** Resolves after the event loop has had a turn. */
  yieldToEventLoop(): Promise<void>;
}

/** One guest's place among those that share a thread. */
export interface Seat {
  /** Resolves when it is this guest's turn to compute. */
  take(): Promise<void>;
  /** Whether its turn is over: the guest is to be suspended and to `take` the next one. */
  due(): boolean;
  /** It computes no longer: its run has ended, or waits for something. */
  leave(): void;
}

/** The place of a guest that shares its thread with nobody: it is never suspended. */
export const LONE_SEAT: Seat = {
  take: () => Promise.resolve(),
  due: () => false,
  leave: () => undefined,
};

/** How long a guest computes at a time, in milliseconds. */
const QUANTUM_MS = 1;

/** How much fuel it uses at a time at most: a fast guest's turn is shorter, so that a few turns make them level. */
const QUANTUM_FUEL = 5e6;

/** How long guests compute, one after the other, between two turns of the event loop: a host timer is late by this, a slice, and what the collector takes. */
const BREAK_MS = 1;

/**
 * Shares one thread among guests that can be suspended, by fuel: the one that has used least computes next (fair
 * queueing by virtual time; Demers, Keshav and Shenker 1989). Who comes later, or comes back from a wait, starts level with the least
 * of those that wait for a turn, so that idling saves nothing up. Between turns the event loop goes round.
 */
export class FairScheduler {
  readonly #host: SchedulerHost;
  readonly #waiting: Waiting[] = [];
  #running: GuestSeat | undefined;
  #dispatching = false;
  #lastBreakMs = Number.NEGATIVE_INFINITY;
  /** The virtual time of whoever had the last turn. */
  #floor = 0;

  constructor(host: SchedulerHost) {
    this.#host = host;
  }

  /** `fuelUsed` only grows within a run and may start over with the next. A guest of weight 2 gets twice the fuel of one of weight 1. */
  join(fuelUsed: () => number, weight = 1): Seat {
    const seat = new GuestSeat(fuelUsed, weight);
    return {
      take: () => this.#take(seat),
      due: () => this.#due(seat),
      leave: () => this.#leave(seat),
    };
  }

  #take(seat: GuestSeat): Promise<void> {
    if (this.#running === seat) {
      seat.account();
      this.#running = undefined;
    } else {
      seat.begin(
        this.#waiting.length === 0 ? this.#floor : Math.min(...this.#waiting.map(({ seat: other }) => other.virtual)),
      );
    }
    return new Promise((resolve) => {
      this.#waiting.push({ seat, resolve });
      void this.#dispatch();
    });
  }

  #due(seat: GuestSeat): boolean {
    const elapsedMs = this.#host.monotonicNow() - seat.sinceMs;
    // Alone it need only let the event loop go round.
    if (this.#waiting.length === 0) return elapsedMs >= BREAK_MS;
    return elapsedMs >= QUANTUM_MS || seat.fuelOfTurn >= QUANTUM_FUEL;
  }

  #leave(seat: GuestSeat): void {
    if (this.#running !== seat) return;
    seat.account();
    this.#running = undefined;
    void this.#dispatch();
  }

  async #dispatch(): Promise<void> {
    if (this.#dispatching || this.#running !== undefined || this.#waiting.length === 0) return;
    this.#dispatching = true;
    if (this.#host.monotonicNow() - this.#lastBreakMs >= BREAK_MS) {
      await this.#host.yieldToEventLoop();
      this.#lastBreakMs = this.#host.monotonicNow();
    }
    this.#dispatching = false;
    const next = this.#takeLeast();
    if (next === undefined) return;
    this.#running = next.seat;
    this.#floor = next.seat.virtual;
    next.seat.sinceMs = this.#host.monotonicNow();
    next.resolve();
  }

  #takeLeast(): Waiting | undefined {
    let least = 0;
    for (const [index, { seat }] of this.#waiting.entries()) {
      if (seat.virtual < (this.#waiting[least]?.seat.virtual ?? Number.POSITIVE_INFINITY)) least = index;
    }
    return this.#waiting.splice(least, 1)[0];
  }
}

const schedulers = new WeakMap<SchedulerHost, FairScheduler>();

/** The one scheduler of a thread. */
export function schedulerOf(host: SchedulerHost): FairScheduler {
  let scheduler = schedulers.get(host);
  if (scheduler === undefined) schedulers.set(host, (scheduler = new FairScheduler(host)));
  return scheduler;
}

interface Waiting {
  readonly seat: GuestSeat;
  readonly resolve: () => void;
}

class GuestSeat {
  readonly #fuelUsed: () => number;
  readonly #weight: number;
  /** What was used when the virtual time was last brought up to date. */
  #counted = 0;
  /** Fuel by weight, from a common zero. */
  virtual = 0;
  /** When its turn began. */
  sinceMs = 0;

  constructor(fuelUsed: () => number, weight: number) {
    this.#fuelUsed = fuelUsed;
    this.#weight = weight;
  }

  /** What was used since its turn began. */
  get fuelOfTurn(): number {
    return this.#fuelUsed() - this.#counted;
  }

  /** Comes in, level with `floor` at least. */
  begin(floor: number): void {
    this.virtual = Math.max(this.virtual, floor);
    this.#counted = this.#fuelUsed();
  }

  /** Puts what was used since on the account. */
  account(): void {
    const used = this.#fuelUsed();
    this.virtual += Math.max(0, used - this.#counted) / this.#weight;
    this.#counted = used;
  }
}
