import { Sandbox } from "wardian";
import { canSuspend } from "../../src/engine/instance/suspending-check.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";

/** Guests that are suspended while they compute need JavaScript Promise Integration. */
export const needs = "Node 24.20 or later";
export const available: () => boolean = canSuspend;

const TENANTS = 100;
/** Left out at both ends: a hundred first runs are compiled, a hundred guests are put back. */
const EDGE_MS = 1_500;

const LOOPS = ["let x = 0; for (;;) x += 1", "let a = []; for (let i = 0; ; i++) a[i % 1000] = 'k' + i"];

/** A hundred tenants that never stop computing, on one thread, beside a timer of the host's every 5 ms. */
export const measure: Measure = async ({ smoke }) => {
  const rounds: Round[] = [];
  for (let round = 0; round < (smoke ? 1 : 5); round++) rounds.push(await measureRound(smoke ? 1_000 : 6_000));
  const worst = rounds.map(({ waits }) => Math.max(...waits));
  const spread = rounds.map(({ fuel }) => Math.max(...fuel) / Math.min(...fuel));
  const typical = rounds.map(({ waits }) => median(waits));
  const idle = await idleWaits(smoke ? 200 : 2_000);
  const figures: Figure[] = [
    {
      name: "100 yielding guests on a thread: longest wait of a 5 ms timer, thread time, median of the rounds",
      value: median(worst),
      unit: "ms",
      bound: 15,
      rounds: worst,
    },
    {
      name: "100 yielding guests on a thread: the wait of a 5 ms timer, thread time",
      value: median(typical),
      unit: "ms",
      rounds: typical,
    },
    {
      name: "100 yielding guests on a thread: most progress / least progress",
      value: Math.max(...spread),
      unit: "×",
      bound: 1.1,
      rounds: spread,
    },
    {
      name: "the same timer on an idle thread: median wait, wall clock",
      value: median(idle),
      unit: "ms",
    },
  ];
  return { topic: "yielding", figures };
};

interface Round {
  readonly waits: readonly number[];
  readonly fuel: readonly number[];
}

async function measureRound(runMs: number): Promise<Round> {
  const limits = { fuel: 1e12, timeoutMs: 60_000 };
  const sandboxes = await Promise.all(
    Array.from({ length: TENANTS }, () => Sandbox.create({ language: "javascript", execution: "yielding", limits })),
  );
  const edgeMs = Math.min(EDGE_MS, runMs / 4);
  const started = performance.now();
  const waits: number[] = [];
  let last = threadMs();
  const timer = setInterval(() => {
    const now = threadMs();
    const elapsed = performance.now() - started;
    if (elapsed > edgeMs && elapsed < runMs - edgeMs) waits.push(now - last);
    last = now;
  }, 5);
  // All at one moment: deadlines of their own would leave the last ones alone with the thread.
  const end = new AbortController();
  setTimeout(() => end.abort(new Error("measured")), runMs);
  const results = await Promise.all(
    sandboxes.map((sandbox, index) => sandbox.run(LOOPS[index % LOOPS.length] ?? "", { signal: end.signal })),
  );
  clearInterval(timer);
  for (const sandbox of sandboxes) sandbox.close();
  return { waits, fuel: results.map(({ usage }) => usage.fuel) };
}

interface ThreadClock {
  threadCpuUsage?: () => { readonly user: number; readonly system: number };
}

/** Milliseconds of this thread's own work: what else the machine does is not the scheduler's doing. */
function threadMs(): number {
  const { user = 0, system = 0 } = (process as ThreadClock).threadCpuUsage?.() ?? {};
  return (user + system) / 1_000;
}

async function idleWaits(runMs: number): Promise<number[]> {
  const waits: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    waits.push(now - last);
    last = now;
  }, 5);
  await new Promise((resolve) => setTimeout(resolve, runMs));
  clearInterval(timer);
  return waits;
}
