// A hundred tenants that never stop computing, on one thread.
import { expect, test } from "vitest";
import { canSuspend } from "../../src/engine/instance/suspending-check.ts";
import { Sandbox } from "../../src/index.ts";

const TENANTS = 100;
const RUN_MS = 6_000;
/** Left out at both ends: a hundred first runs are compiled, a hundred guests are put back. */
const EDGE_MS = 1_500;

const LOOPS = ["let x = 0; for (;;) x += 1", "let a = []; for (let i = 0; ; i++) a[i % 1000] = 'k' + i"];

interface CpuClock {
  threadCpuUsage?: () => { readonly user: number; readonly system: number };
}

/** Milliseconds of this thread's own work: what else the machine does is not the scheduler's doing. */
function threadMs(): number {
  const { user = 0, system = 0 } = (process as CpuClock).threadCpuUsage?.() ?? {};
  return (user + system) / 1_000;
}

test.skipIf(!canSuspend())(
  "share it within 10 %, and a 5 ms timer never waits longer than 15 ms (needs JSPI: Node 24.20 or later)",
  async () => {
    const limits = { fuel: 1e12, timeoutMs: 60_000 };
    const sandboxes = await Promise.all(
      Array.from({ length: TENANTS }, () => Sandbox.create({ language: "javascript", execution: "yielding", limits })),
    );
    const started = performance.now();
    const gaps: number[] = [];
    let last = threadMs();
    const timer = setInterval(() => {
      const now = threadMs();
      const elapsed = performance.now() - started;
      if (elapsed > EDGE_MS && elapsed < RUN_MS - EDGE_MS) gaps.push(now - last);
      last = now;
    }, 5);
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
    expect(gaps.length).toBeGreaterThan(20);
    expect(Math.max(...gaps)).toBeLessThan(15);
  },
);
