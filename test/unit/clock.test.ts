import { describe, expect, test } from "vitest";
import { fixedClock } from "../../src/capabilities/clock/fixed-clock.ts";
import { frozenClock } from "../../src/capabilities/clock/frozen-clock.ts";
import { realClock, type TimeSource } from "../../src/capabilities/clock/real-clock.ts";
import { virtualClock } from "../../src/capabilities/clock/virtual-clock.ts";

const START = Date.UTC(2026, 1, 3, 4, 5, 6);

describe("fixedClock", () => {
  test("has one wall time; sleeping returns at once and moves only the monotonic time", async () => {
    const clock = fixedClock(START);
    expect([clock.kind, clock.now(), clock.monotonic()]).toEqual(["fixed", START, 0]);
    clock.sleepSync(1_500.5);
    await clock.sleep(3_600_000);
    expect([clock.now(), clock.monotonic()]).toEqual([START, 3_601_500.5]);
    expect(fixedClock(new Date(START)).now()).toBe(START);
  });
});

describe("virtualClock", () => {
  test("starts in 2000 or where it is told, and jumps when something sleeps", async () => {
    expect(virtualClock().now()).toBe(Date.UTC(2000, 0, 1));
    const clock = virtualClock(START);
    clock.sleepSync(250);
    await clock.sleep(750);
    expect([clock.kind, clock.now(), clock.monotonic()]).toEqual(["virtual", START + 1_000, 1_000]);
    clock.reset?.();
    expect([clock.now(), clock.monotonic()]).toEqual([START, 0]);
  });

  test("takes nonsense from a guest without breaking: time never goes back and stays finite", async () => {
    const clock = virtualClock(START);
    for (const ms of [-1, Number.NaN, Number.NEGATIVE_INFINITY, 0]) {
      clock.sleepSync(ms);
      await clock.sleep(ms);
    }
    expect(clock.monotonic()).toBe(0);
    clock.sleepSync(Number.POSITIVE_INFINITY);
    clock.sleepSync(1e300);
    expect(Number.isFinite(clock.now())).toBe(true);
    expect(clock.monotonic()).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("rejects a sleep whose signal is aborted, with the reason, and does not move", async () => {
    const clock = virtualClock(START);
    await expect(clock.sleep(10, AbortSignal.abort("enough"))).rejects.toBe("enough");
    expect(clock.monotonic()).toBe(0);
  });
});

test("a clock that is not a time is refused by name", () => {
  expect(() => fixedClock("2026" as unknown as number)).toThrow(
    new TypeError("Cannot make a fixed clock: the time must be a number or a Date"),
  );
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 9e15, new Date(Number.NaN)]) {
    expect(() => fixedClock(at)).toThrow(RangeError);
    expect(() => virtualClock(at)).toThrow(/^Cannot make a virtual clock: .* ms is not a time$/);
  }
});

describe("realClock", () => {
  function source(): TimeSource & { wall: number; monotonic: number; readonly slept: unknown[] } {
    const slept: unknown[] = [];
    return {
      wall: START + 0.9,
      monotonic: 777.25,
      slept,
      wallNow() {
        return this.wall;
      },
      monotonicNow() {
        return this.monotonic;
      },
      async sleep(ms, signal) {
        slept.push(["sleep", ms, signal?.aborted]);
      },
      sleepSync(ms) {
        slept.push(["sleepSync", ms]);
      },
    };
  }

  test("is coarse and does not tell how long the host has been up", () => {
    const time = source();
    const clock = realClock(time);
    expect([clock.kind, clock.now(), clock.monotonic()]).toEqual(["real", START, 0]);
    time.monotonic += 0.999;
    time.wall += 0.05;
    expect([clock.now(), clock.monotonic()]).toEqual([START, 0]);
    time.monotonic += 0.001;
    time.wall += 0.1;
    expect([clock.now(), clock.monotonic()]).toEqual([START + 1, 1]);
    const coarse = realClock(time, { resolutionMs: 100 });
    time.monotonic += 250;
    expect([coarse.monotonic(), coarse.now() % 100]).toEqual([200, 0]);
  });

  test("has a monotonic time that never goes back, even if the host's does", () => {
    const time = source();
    const clock = realClock(time);
    time.monotonic += 50;
    expect(clock.monotonic()).toBe(50);
    time.monotonic -= 20;
    expect(clock.monotonic()).toBe(50);
  });

  test("sleeps on the host, never a negative time", async () => {
    const time = source();
    const clock = realClock(time);
    await clock.sleep(5, AbortSignal.abort());
    await clock.sleep(Number.NaN);
    clock.sleepSync(7);
    clock.sleepSync(-7);
    expect(time.slept).toEqual([
      ["sleep", 5, true],
      ["sleep", 0, undefined],
      ["sleepSync", 7],
      ["sleepSync", 0],
    ]);
  });

  test("takes a resolution from a microsecond to a second", () => {
    for (const resolutionMs of [0, -1, Number.NaN, 1_001, 0.0001]) {
      expect(() => realClock(source(), { resolutionMs })).toThrow(RangeError);
    }
    expect(realClock(source(), { resolutionMs: 1_000 }).monotonic()).toBe(0);
  });
});

describe("frozenClock", () => {
  function clockAt(): { readonly source: TimeSource; readonly pass: (ms: number) => void; readonly slept: number[] } {
    let ms = 0;
    const slept: number[] = [];
    const sleepSync = (wait: number): void => {
      slept.push(wait);
      // Timers are late, and the guest has computed before.
      ms += wait + 7;
    };
    return {
      pass: (passed) => void (ms += passed),
      slept,
      source: {
        wallNow: () => START + ms,
        monotonicNow: () => 5_000 + ms,
        sleep: async (wait) => sleepSync(wait),
        sleepSync,
      },
    };
  }

  test("stands still while the guest computes and moves by what was asked for when it sleeps", async () => {
    const { source, pass, slept } = clockAt();
    const clock = frozenClock(source);
    pass(400);
    expect([clock.kind, clock.now(), clock.monotonic()]).toEqual(["frozen", START, 0]);
    clock.sleepSync(10);
    pass(33);
    await clock.sleep(20);
    expect([clock.now(), clock.monotonic(), slept]).toEqual([START + 30, 30, [10, 20]]);
    for (const ms of [-1, Number.NaN, 0]) clock.sleepSync(ms);
    expect([clock.monotonic(), slept]).toEqual([30, [10, 20]]);
  });

  test("catches up with the present when it is synchronized, and its monotonic time never goes back", () => {
    const { source, pass } = clockAt();
    const clock = frozenClock(source);
    pass(12.7);
    clock.synchronize?.();
    expect([clock.now(), clock.monotonic()]).toEqual([START + 12, 12]);
    const eager = frozenClock({ ...source, sleepSync: () => undefined });
    eager.sleepSync(100);
    eager.synchronize?.();
    expect(eager.monotonic()).toBe(100);
  });

  test("does not move for a sleep that was broken off", async () => {
    const { source } = clockAt();
    const clock = frozenClock(source);
    await expect(clock.sleep(10, AbortSignal.abort("enough"))).rejects.toBe("enough");
    expect(clock.monotonic()).toBe(0);
  });
});
