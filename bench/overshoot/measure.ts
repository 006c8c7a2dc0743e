import { Sandbox } from "wardian";
import type { RunResult } from "wardian";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { JAVASCRIPT_CASES, PYTHON_CASES } from "./cases.ts";
import type { EndlessCase } from "./cases.ts";

const DEADLINE_MS = 50;

interface CaseOvershoot {
  readonly name: string;
  /** From `run` to its result, minus the deadline: the stop, the result and the reset that comes with it. */
  readonly overshootMs: number;
  readonly overshootRounds: readonly number[];
  /** The round that warmed up and does not count. */
  readonly firstMs: number;
  /** A `reset()` behind it, by the median. */
  readonly resetMs: number;
  /** How it ended when it was not by the deadline: then the time says nothing. */
  readonly otherEnds: readonly string[];
}

/** How long a guest outlives its deadline, on the wall clock, in the built package. */
export const measure: Measure = async ({ smoke }) => {
  const rounds = smoke ? 1 : 7;
  const control = Array.from({ length: smoke ? 1 : 21 }, hostLoop);
  const javascript = await measureCases("javascript", JAVASCRIPT_CASES, rounds);
  const python = await measureCases("python", PYTHON_CASES, rounds);
  return {
    topic: "overshoot",
    figures: [
      ...figuresOf("JavaScript", javascript, 5),
      ...figuresOf("Python", python, 10),
      {
        name: "control: a host loop's overshoot past the same deadline, worst of all rounds",
        value: Math.max(...control),
        unit: "ms",
        rounds: control,
        note: "What the machine itself adds: anything far from 0 is other work on it",
      },
    ],
    details: { javascript, python },
  };
};

function figuresOf(language: string, cases: readonly CaseOvershoot[], bound: number): Figure[] {
  const worst = cases.reduce((a, b) => (b.overshootMs > a.overshootMs ? b : a));
  const slowest = cases.reduce((a, b) => (b.resetMs > a.resetMs ? b : a));
  const early = cases.filter(({ otherEnds }) => otherEnds.length > 0);
  return [
    {
      name: `${language}, past a ${DEADLINE_MS} ms deadline, median of the worst of ${cases.length} cases`,
      value: worst.overshootMs,
      unit: "ms",
      bound,
      rounds: worst.overshootRounds,
      note: `worst: ${worst.name}; ${cases.map(({ name, overshootMs }) => `${name} ${overshootMs.toFixed(2)}`).join(", ")}`,
    },
    {
      name: `${language}, reset behind a stop, median of the slowest case`,
      value: slowest.resetMs,
      unit: "ms",
      note: `slowest: ${slowest.name}`,
    },
    {
      name: `${language}, cases that did not end by the deadline`,
      value: early.length,
      unit: "cases",
      bound: 0,
      note: early.map(({ name, otherEnds }) => `${name}: ${otherEnds.join(", ")}`).join("; "),
    },
  ];
}

async function measureCases(
  language: "javascript" | "python",
  cases: readonly EndlessCase[],
  rounds: number,
): Promise<CaseOvershoot[]> {
  const measured: CaseOvershoot[] = [];
  // The language's own path of a stop is compiled before anything counts.
  const warm = await Sandbox.create({ language, limits: { timeoutMs: DEADLINE_MS } });
  for (const { source } of cases.slice(0, rounds)) await warm.run(source);
  warm.close();
  for (const { name, source, otherEnd } of cases) {
    // Room for what the case wants to allocate: it is the deadline that has to stop it.
    const sandbox = await Sandbox.create({
      language,
      limits: { timeoutMs: DEADLINE_MS, fuel: Number.POSITIVE_INFINITY, memoryBytes: 1024 * 2 ** 20 },
    });
    const ends = new Map<string, number>();
    const overshootRounds: number[] = [];
    const resetRounds: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      globalThis.gc?.();
      const started = performance.now();
      const result = await sandbox.run(source);
      overshootRounds.push(performance.now() - started - DEADLINE_MS);
      const end = endOf(result);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      const before = performance.now();
      sandbox.reset();
      resetRounds.push(performance.now() - before);
    }
    sandbox.close();
    const [firstMs = 0, ...counted] = overshootRounds;
    const otherEnds = [...ends].filter(([end]) => end !== "limit time" && end !== otherEnd);
    measured.push({
      name,
      otherEnds: otherEnds.map(([end, count]) => `${end} (${count})`),
      overshootMs: median(counted),
      overshootRounds: counted,
      firstMs,
      resetMs: median(resetRounds.slice(1)),
    });
  }
  return measured;
}

function endOf(result: RunResult): string {
  if (result.status === "limit") return `limit ${result.limit}`;
  return result.status === "error" ? `error ${result.error.name}: ${result.error.message}` : result.status;
}

function hostLoop(): number {
  const started = performance.now();
  while (performance.now() - started < DEADLINE_MS);
  return performance.now() - started - DEADLINE_MS;
}
