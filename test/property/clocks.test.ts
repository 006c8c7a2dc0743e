// Whatever a guest asks of a clock that jumps, its time never goes back, and timers fire in the order of their times.
import fc from "fast-check";
import { expect, test } from "vitest";
import { fixedClock } from "../../src/capabilities/clock/fixed-clock.ts";
import { frozenClock } from "../../src/capabilities/clock/frozen-clock.ts";
import { realClock } from "../../src/capabilities/clock/real-clock.ts";
import type { TimeSource } from "../../src/capabilities/clock/real-clock.ts";
import { virtualClock } from "../../src/capabilities/clock/virtual-clock.ts";
import { Sandbox } from "../../src/index.ts";

const anyMs = fc.oneof(fc.double(), fc.integer({ min: -5, max: 5_000 }), fc.constantFrom(Number.NaN, 1e300, -0));

test("time never goes back and stays a number, on every kind of clock", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyMs, fc.boolean()), { maxLength: 40 }),
      fc.integer({ min: 0, max: 9 }),
      (steps, late) => {
        let ms = 0;
        const source: TimeSource = {
          wallNow: () => 1e12 + ms,
          monotonicNow: () => ms,
          sleep: () => Promise.resolve(),
          sleepSync: (wait) => void (ms += Math.min(wait, 1e6) + late),
        };
        for (const clock of [fixedClock(5), virtualClock(5), realClock(source), frozenClock(source)]) {
          let wall = clock.now();
          let monotonic = clock.monotonic();
          for (const [wait, synchronize] of steps) {
            if (synchronize) clock.synchronize?.();
            clock.sleepSync(clock.kind === "frozen" ? Math.min(wait, 1e6) : wait);
            expect(clock.monotonic()).toBeGreaterThanOrEqual(monotonic);
            expect(clock.now()).toBeGreaterThanOrEqual(wall);
            expect(Number.isFinite(clock.now()) && Number.isFinite(clock.monotonic())).toBe(true);
            monotonic = clock.monotonic();
            wall = clock.now();
          }
        }
      },
    ),
  );
});

test.each(["virtual", "fixed"] as const)(
  "timers on a %s clock fire in the order of their times, whatever the order of their making",
  async (clock) => {
    const sandboxes = await Promise.all([
      Sandbox.create({ language: "javascript", clock }),
      Sandbox.create({ language: "python", clock }),
    ]);
    const sources = [
      (delays: readonly number[]) =>
        `(async () => { const seen = []; await Promise.all(${JSON.stringify(delays)}.map((ms, n) => new Promise((r) => setTimeout(() => { seen.push(n); r(); }, ms)))); return JSON.stringify(seen); })()`,
      (delays: readonly number[]) =>
        `import asyncio, json\nseen = []\nasync def one(n, ms):\n    await asyncio.sleep(ms / 1000)\n    seen.append(n)\nawait asyncio.gather(*[one(n, ms) for n, ms in enumerate(${JSON.stringify(delays)})])\njson.dumps(seen)`,
    ];
    await fc.assert(
      // asyncio does not say which of two timers for the same moment is first.
      fc.asyncProperty(
        fc
          .uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 12 })
          .map((minutes) => minutes.map((n) => n * 60_000)),
        async (delays) => {
          const order = delays
            .map((ms, n) => [ms, n] as const)
            .toSorted(([a, m], [b, n]) => a - b || m - n)
            .map(([, n]) => n);
          for (const [index, sandbox] of sandboxes.entries()) {
            const result = await sandbox.run(sources[index]?.(delays) ?? "");
            expect(
              JSON.parse(result.status === "ok" ? (result.value as string) : JSON.stringify(result.status)),
            ).toEqual(order);
          }
        },
      ),
      { numRuns: 25 },
    );
    for (const sandbox of sandboxes) sandbox.close();
  },
);
