// Who computes next, and how long the event loop waits for it: on a clock that the test moves, so that it is exact.
import { expect, test } from "vitest";
import { FairScheduler } from "../../src/execution/yielding/fair-scheduler.ts";
import type { SchedulerHost, Seat } from "../../src/execution/yielding/fair-scheduler.ts";

/** A host whose clock only guests move, and which notes when the event loop went round. */
class Host implements SchedulerHost {
  now = 0;
  readonly breaks: number[] = [];

  monotonicNow(): number {
    return this.now;
  }

  async yieldToEventLoop(): Promise<void> {
    this.breaks.push(this.now);
    await Promise.resolve();
  }
}

interface Tenant {
  used: number;
  turns: number;
}

/** A guest that computes at `rate` units a millisecond and looks every `sliceMs` whether its turn is over. */
async function compute(host: Host, seat: Seat, tenant: Tenant, rate: number, sliceMs: number, endMs: number) {
  await seat.take();
  while (host.now < endMs) {
    tenant.turns += 1;
    do {
      host.now += sliceMs;
      tenant.used += rate * sliceMs;
    } while (!seat.due() && host.now < endMs);
    await seat.take();
  }
  seat.leave();
}

async function share(rates: readonly number[], weights: readonly number[] = [], endMs = 20_000, sliceMs = 0.25) {
  const host = new Host();
  const scheduler = new FairScheduler(host);
  const tenants = rates.map((rate, index) => {
    const tenant: Tenant = { used: 0, turns: 0 };
    const seat = scheduler.join(() => tenant.used, weights[index]);
    return { tenant, done: compute(host, seat, tenant, rate, sliceMs, endMs) };
  });
  await Promise.all(tenants.map(({ done }) => done));
  const gaps = host.breaks.slice(1).map((at, index) => at - (host.breaks[index] ?? 0));
  return { used: tenants.map(({ tenant }) => tenant.used), turns: tenants.map(({ tenant }) => tenant.turns), gaps };
}

test("a hundred guests of different speed use the same fuel, within 10 %", async () => {
  const { used } = await share(Array.from({ length: 100 }, (_, index) => 1e6 * (1 + (index % 10))));
  expect(Math.max(...used) / Math.min(...used)).toBeLessThan(1.1);
});

test("the event loop goes round every other millisecond at the latest, a slice more when guests compute", async () => {
  const { gaps } = await share(Array.from({ length: 100 }, () => 5e6));
  expect(gaps.length).toBeGreaterThan(5_000);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2.25);
});

test("a guest alone lets the event loop go round as often", async () => {
  const { gaps } = await share([5e6], [], 1_000);
  expect(gaps.length).toBeGreaterThan(400);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2.25);
});

test("a guest of weight 3 uses three times the fuel of one of weight 1", async () => {
  const { used } = await share([4e6, 4e6], [3, 1], 4_000);
  expect((used[0] ?? 0) / (used[1] ?? 1)).toBeCloseTo(3, 1);
});

test("who comes late starts level with the others and gets no arrears", async () => {
  const host = new Host();
  const scheduler = new FairScheduler(host);
  const [early, late]: Tenant[] = [
    { used: 0, turns: 0 },
    { used: 0, turns: 0 },
  ];
  if (early === undefined || late === undefined) throw new Error("unreachable");
  const first = compute(
    host,
    scheduler.join(() => early.used),
    early,
    4e6,
    0.25,
    3_000,
  );
  while (host.now < 2_000) await Promise.resolve();
  const second = compute(
    host,
    scheduler.join(() => late.used),
    late,
    4e6,
    0.25,
    3_000,
  );
  await Promise.all([first, second]);
  // Alone for two seconds and for half of the third.
  expect(early.used / 4e6).toBeCloseTo(2_500, -1);
  expect(late.used / 4e6).toBeCloseTo(500, -1);
});
