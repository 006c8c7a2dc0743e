// What every clock promises, whatever its time is.
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/capabilities/clock.ts";
import { fixedClock } from "../../src/capabilities/clock/fixed-clock.ts";
import { frozenClock } from "../../src/capabilities/clock/frozen-clock.ts";
import { realClock } from "../../src/capabilities/clock/real-clock.ts";
import { virtualClock } from "../../src/capabilities/clock/virtual-clock.ts";
import { recordClock } from "../../src/capabilities/recording/clock-tape.ts";
import { TapeWriter } from "../../src/capabilities/recording/tape-writer.ts";
import { platform } from "../../src/hosts/node/platform.ts";

const forked = (clock: Clock): Clock => clock.fork?.() ?? clock;

const CLOCKS: Readonly<Record<string, () => Clock>> = {
  real: () => realClock(platform),
  "real, finer": () => realClock(platform, { resolutionMs: 0.01 }),
  frozen: () => frozenClock(platform),
  fixed: () => fixedClock(1_700_000_000_000),
  virtual: () => virtualClock(1_700_000_000_000),
  "a fork of a virtual one": () => forked(virtualClock(1_700_000_000_000)),
  "a fork of a real one": () => forked(realClock(platform)),
  "a recorded one": () => recordClock(virtualClock(1_700_000_000_000), new TapeWriter(1e6)),
};

/** Waits that a guest may ask for. */
const NONSENSE = [0, -1, Number.NaN, Number.NEGATIVE_INFINITY, -0, 0.001];

describe.each(Object.entries(CLOCKS))("the clock: %s", (_name, make) => {
  test("says finite times in its steps, and the monotonic one never goes back", async () => {
    const clock = make();
    const step = clock.resolutionMs ?? 1;
    let last = Number.NEGATIVE_INFINITY;
    for (let round = 0; round < 200; round++) {
      if (round % 20 === 0) await clock.sleep(1);
      if (round % 7 === 0) clock.synchronize?.();
      const [wall, monotonic] = [clock.now(), clock.monotonic()];
      expect([Number.isFinite(wall), Number.isFinite(monotonic)]).toEqual([true, true]);
      expect(monotonic).toBeGreaterThanOrEqual(last);
      for (const time of [wall, monotonic]) expect(Math.abs(time / step - Math.round(time / step))).toBeLessThan(0.01);
      last = monotonic;
    }
  });

  test("takes nonsense for no wait at all", async () => {
    const clock = make();
    for (const ms of NONSENSE) {
      clock.sleepSync(ms);
      await clock.sleep(ms);
    }
    expect(Number.isFinite(clock.monotonic())).toBe(true);
  });

  test("shows at least the time that was slept, and not much more where sleeping jumps", async () => {
    const clock = make();
    const before = clock.monotonic();
    clock.sleepSync(12);
    await clock.sleep(12);
    clock.synchronize?.();
    const passed = clock.monotonic() - before;
    // A coarse clock may lose a step at each end.
    expect(passed).toBeGreaterThanOrEqual(22);
    if (clock.kind === "virtual" || clock.kind === "fixed") expect(passed).toBe(24);
  });

  test("ends a sleep by its signal, with the signal's reason", async () => {
    const clock = make();
    const reason = new Error("enough");
    const over = AbortSignal.abort(reason);
    await expect(clock.sleep(60_000, over)).rejects.toBe(reason);
  });

  test("goes back to its start, if it has one", async () => {
    const clock = make();
    if (clock.reset === undefined) return;
    const before = [clock.now(), clock.monotonic()];
    await clock.sleep(5_000);
    clock.reset();
    expect([clock.now(), clock.monotonic()]).toEqual(before);
  });

  test("a captured one goes on from where it stood", async () => {
    const clock = make();
    if (clock.capture === undefined || clock.restore === undefined) return;
    await clock.sleep(7);
    clock.synchronize?.();
    const stood = clock.monotonic();
    const state = structuredClone(clock.capture());
    await clock.sleep(3);
    const other = make();
    other.restore?.(state);
    expect(other.monotonic()).toBeGreaterThanOrEqual(Math.floor(stood) - 1);
    expect(other.monotonic()).toBeLessThan(stood + 5_000);
  });
});
