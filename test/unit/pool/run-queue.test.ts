import { describe, expect, test } from "vitest";
import { RunQueue } from "../../../src/pool/run-queue.ts";
import type { QueuedRun } from "../../../src/pool/run-queue.ts";
import { resolveTenantPolicy } from "../../../src/pool/tenant-policy.ts";
import type { TenantPolicy } from "../../../src/pool/tenant-policy.ts";

function queueOf(policies: Readonly<Record<string, TenantPolicy>> = {}, maxQueue = 10_000): RunQueue<string> {
  return new RunQueue(maxQueue, (tenant) => resolveTenantPolicy(policies[tenant] ?? {}, tenant));
}

function take(queue: RunQueue<string>, nowMs = 0): QueuedRun<string> {
  const next = queue.next(nowMs);
  if (next.kind !== "run") throw new Error(`nobody comes next: ${JSON.stringify(next)}`);
  return next.run;
}

describe("order", () => {
  test("within a tenant it is first in, first out", () => {
    const queue = queueOf();
    for (const item of ["1", "2", "3"]) queue.add("a", item, 0);
    expect([take(queue), take(queue), take(queue)].map(({ item }) => item)).toEqual(["1", "2", "3"]);
    expect(queue.next(0)).toEqual({ kind: "none" });
  });

  test("a tenant with a thousand runs does not keep another one waiting", () => {
    const queue = queueOf();
    for (let i = 0; i < 1_000; i++) queue.add("flood", `f${i}`, 0);
    queue.ended(take(queue), 1e9, 0);
    queue.add("small", "s", 0);
    expect(take(queue).item).toBe("s");
  });

  test("fuel is shared by weight, whatever a run costs", () => {
    const queue = queueOf({ a: { weight: 3 }, b: { weight: 1 } });
    const cost = { a: 5e8, b: 2e7 };
    const used = { a: 0, b: 0 };
    for (let i = 0; i < 40_000; i++) for (const tenant of ["a", "b"]) if (i < 5_000) queue.add(tenant, "", 0);
    while (used.a + used.b < 1e11) {
      const run = take(queue);
      const tenant = run.tenant as "a" | "b";
      queue.ended(run, cost[tenant], 0);
      used[tenant] += cost[tenant];
    }
    expect(used.a / used.b).toBeGreaterThan(2.9);
    expect(used.a / used.b).toBeLessThan(3.1);
  });

  test("idling saves nothing up", () => {
    const queue = queueOf();
    for (let i = 0; i < 200; i++) queue.add("busy", "", 0);
    for (let i = 0; i < 100; i++) queue.ended(take(queue), 1e9, 0);
    for (let i = 0; i < 100; i++) queue.add("late", "", 0);
    const first = Array.from({ length: 20 }, () => {
      const run = take(queue);
      queue.ended(run, 1e9, 0);
      return run.tenant;
    });
    expect(first.filter((tenant) => tenant === "busy").length).toBeGreaterThan(7);
  });
});

describe("bounds", () => {
  test("the queue refuses what is above its length, and takes again when there is room", () => {
    const queue = queueOf({}, 2);
    const first = queue.add("a", "1", 0);
    queue.add("a", "2", 0);
    expect(queue.add("b", "3", 0)).toBeUndefined();
    if (first === undefined) throw new Error("refused");
    expect([queue.remove(first), queue.remove(first), queue.size]).toEqual([true, false, 1]);
    expect(queue.add("b", "3", 0)).toBeDefined();
  });

  test("a tenant runs no more at once than it may", () => {
    const queue = queueOf({ a: { concurrency: 2 } });
    for (const item of ["1", "2", "3"]) queue.add("a", item, 0);
    queue.add("b", "b", 0);
    const [one] = [take(queue), take(queue), take(queue)];
    expect(queue.next(0)).toEqual({ kind: "none" });
    if (one === undefined) throw new Error("none");
    queue.ended(one, 1, 0);
    expect(take(queue).item).toBe("3");
  });

  test("fuel per second: over two minutes a tenant gets its share and its burst, to a run", () => {
    const queue = queueOf({ a: { fuelPerSecond: 1e9, burstFuel: 5e9 } });
    for (let i = 0; i < 1_000; i++) queue.add("a", "", 0);
    let nowMs = 0;
    let used = 0;
    while (nowMs < 120_000) {
      const next = queue.next(nowMs);
      if (next.kind === "wait") nowMs += next.ms;
      else if (next.kind === "run") {
        queue.ended(next.run, 3e8, nowMs);
        used += 3e8;
      } else throw new Error("none");
    }
    expect(used).toBeGreaterThanOrEqual(125e9 - 3e8);
    expect(used).toBeLessThanOrEqual(125e9 + 6e8);
  });

  test("a tenant in debt waits for as long as its debt takes, and holds up nobody else", () => {
    const queue = queueOf({ a: { fuelPerSecond: 1e9, burstFuel: 1e9 } });
    for (const item of ["1", "2"]) queue.add("a", item, 0);
    queue.ended(take(queue), 3e9, 0);
    expect(queue.next(0)).toEqual({ kind: "wait", ms: 2_001 });
    queue.add("b", "b", 0);
    expect(take(queue).item).toBe("b");
    expect(queue.next(1_000)).toEqual({ kind: "wait", ms: 1_001 });
    expect(take(queue, 2_001).item).toBe("2");
  });

  test("a run that could not be started is the next one again", () => {
    const queue = queueOf();
    for (const item of ["1", "2"]) queue.add("a", item, 0);
    queue.putBack(take(queue));
    expect([queue.size, take(queue).item, take(queue).item]).toEqual([2, "1", "2"]);
  });

  test("tenants that nothing is to be remembered of are forgotten, those in debt are not", () => {
    const queue = queueOf({ debtor: { fuelPerSecond: 1, burstFuel: 1 } });
    queue.add("debtor", "", 0);
    queue.ended(take(queue), 1e6, 0);
    for (let i = 0; i < 5_000; i++) {
      queue.add(`t${i}`, "", 0);
      queue.ended(take(queue), 1, 0);
    }
    queue.add("debtor", "", 0);
    expect(queue.next(0)).toMatchObject({ kind: "wait" });
  });
});

describe("a policy's mistakes are named", () => {
  test.each<[unknown, string]>([
    [{ weight: 0 }, "x.weight is 0, and must be above 0"],
    [{ weight: Number.POSITIVE_INFINITY }, "x.weight must be finite"],
    [{ concurrency: 1.5 }, "x.concurrency is 1.5, and must be an integer"],
    [{ fuelPerSecond: "1" }, "x.fuelPerSecond must be a number"],
    [{ fuel: 1 }, '"fuel" is not an option'],
    [7, "x must be an object"],
  ])("%o", (policy, message) => {
    expect(() => resolveTenantPolicy(policy, "x")).toThrow(message);
  });
});
