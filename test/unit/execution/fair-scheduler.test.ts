import { describe, expect, test } from "vitest";
import { FairScheduler } from "../../../src/execution/yielding/fair-scheduler.ts";
import type { Seat } from "../../../src/execution/yielding/fair-scheduler.ts";

/** A thread with a clock that only work moves. */
class Thread {
  now = 0;
  /** How long the event loop had to wait between two turns. */
  readonly waits: number[] = [];
  #lastTurn = 0;
  readonly scheduler: FairScheduler = new FairScheduler({
    monotonicNow: () => this.now,
    yieldToEventLoop: async () => {
      this.waits.push(this.now - this.#lastTurn);
      this.#lastTurn = this.now;
      await Promise.resolve();
    },
  });

  /** A guest that computes until the thread's clock is at `untilMs`; returns its fuel. `fuelPerMs` is its speed. */
  async guest(untilMs: number, fuelPerMs: number, weight = 1): Promise<number> {
    let fuel = 0;
    const seat: Seat = this.scheduler.join(() => fuel, weight);
    await seat.take();
    while (this.now < untilMs) {
      this.now += 0.05;
      fuel += fuelPerMs * 0.05;
      if (seat.due()) await seat.take();
    }
    seat.leave();
    return fuel;
  }
}

describe("guests that share a thread", () => {
  test("a hundred get the same fuel, fast and slow ones, and the event loop goes round in time", async () => {
    const thread = new Thread();
    const guests = Array.from({ length: 100 }, (_, index) => thread.guest(20_000, index % 2 === 0 ? 1e7 : 3e7));
    const fuels = await Promise.all(guests);
    expect(Math.max(...fuels) / Math.min(...fuels)).toBeLessThan(1.1);
    expect(Math.max(...thread.waits)).toBeLessThan(10);
  });

  test("weights are kept", async () => {
    const thread = new Thread();
    const [light, heavy] = await Promise.all([thread.guest(5_000, 1e7, 1), thread.guest(5_000, 1e7, 4)]);
    expect(heavy / light).toBeGreaterThan(3.8);
    expect(heavy / light).toBeLessThan(4.2);
  });

  test("who comes late starts level: it neither catches up nor stands behind", async () => {
    const thread = new Thread();
    const early = thread.guest(10_000, 1e7);
    while (thread.now < 5_000) await Promise.resolve();
    const late = thread.guest(10_000, 1e7);
    expect((await early) / (await late)).toBeGreaterThan(2.8);
    expect((await early) / (await late)).toBeLessThan(3.2);
  });

  test("one that waits for something holds nobody up", async () => {
    const thread = new Thread();
    const idle = thread.scheduler.join(() => 0);
    await idle.take();
    idle.leave();
    expect(await thread.guest(100, 1e6)).toBeGreaterThan(9.9e7);
  });
});
