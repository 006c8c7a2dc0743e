// A hundred tenants that never stop computing, on one thread.
import { expect, test } from "vitest";
import { canSuspend } from "../../src/engine/instance/suspending-check.ts";
import { Sandbox } from "../../src/index.ts";

const TENANTS = 100;
const RUN_MS = 6_000;

const LOOPS = ["let x = 0; for (;;) x += 1", "let a = []; for (let i = 0; ; i++) a[i % 1000] = 'k' + i"];

test.skipIf(!canSuspend())(
  "share it within 10 %, and the host's timers go on firing (needs JSPI: Node 24.20 or later)",
  async () => {
    const limits = { fuel: 1e12, timeoutMs: 60_000 };
    const sandboxes = await Promise.all(
      Array.from({ length: TENANTS }, () => Sandbox.create({ language: "javascript", execution: "yielding", limits })),
    );
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    // All at one moment: deadlines of their own would leave the last ones alone with the thread.
    const end = new AbortController();
    setTimeout(() => end.abort(new Error("measured")), RUN_MS);
    const results = await Promise.all(
      sandboxes.map((sandbox, index) => sandbox.run(LOOPS[index % LOOPS.length] ?? "", { signal: end.signal })),
    );
    clearInterval(timer);
    for (const sandbox of sandboxes) sandbox.close();
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["aborted"]));
    const fuel = results.map(({ usage }) => usage.fuel);
    expect(Math.max(...fuel) / Math.min(...fuel)).toBeLessThan(1.1);
    // How long a timer waits at most is the bench's to say (topic yielding) and the scheduler's unit test's to prove.
    expect(ticks).toBeGreaterThan(50);
  },
);
