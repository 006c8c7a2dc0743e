// Values of guests in workers and processes: as they are on the caller's thread, and made within the run's time.
import { describe, expect, test } from "vitest";
import { Sandbox } from "../../src/index.ts";

describe.each(["worker", "process"] as const)("%s", (execution) => {
  test("sets, maps, dates, bytes and long lists are what they are inline", async () => {
    const source = `const shared = new Set([1n, "x"]);
      ({ shared, again: shared, map: new Map([[new Map([[1, 2]]), [new Set()]]]), at: new Date(5), bytes: new Uint8Array([1]),
         odd: [NaN, -0, Infinity, undefined, null], ["__proto__"]: { a: 1 }, long: Array(300_000).fill(0) })`;
    const values = [];
    for (const how of [execution, "inline"] as const) {
      const sandbox = await Sandbox.create({ language: "javascript", execution: how });
      const result = await sandbox.run(source);
      sandbox.close();
      expect(result.status).toBe("ok");
      values.push(result.status === "ok" ? result.value : undefined);
    }
    expect(values[0]).toEqual(values[1]);
    expect(Object.getPrototypeOf(values[0])).toBe(null);
  });

  test("a set whose members have one hash holds up its caller no longer than the run may take", async () => {
    const sandbox = await Sandbox.create({
      language: "python",
      execution,
      limits: { timeoutMs: 2_500, outputBytes: 8 * 2 ** 20 },
    });
    let blocked = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      const now = performance.now();
      blocked = Math.max(blocked, now - last);
      last = now;
    }, 10);
    const result = await sandbox.run("{(i << 64) + 7 for i in range(1, 60_000)}");
    clearInterval(ticking);
    expect(result).toMatchObject({ status: "limit", limit: "time" });
    // Filled by structured clone it was all of it, on the caller's thread, for longer than this test may take.
    expect(blocked).toBeLessThan(20_000);
    sandbox.close();
  }, 60_000);
});
