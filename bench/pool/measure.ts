import { existsSync } from "node:fs";
import { Pool } from "wardian";
import type { Language } from "wardian";
import { cpuMs } from "../harness/cpu-time.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { childrenCpuMs, findPython, runFresh } from "./fresh-process.ts";
import { programs } from "./tasks.ts";

const SMALL_BOUNDS = { javascript: { name: "JavaScript", ms: 0.3 }, python: { name: "Python", ms: 4 } } as const;

/** What a run costs in a pool, its reset included. CPU time, since nothing else of the machine is to count. */
export const measure: Measure = async ({ smoke }) => {
  const figures: Figure[] = [];
  for (const language of ["javascript", "python"] as const) {
    const [warmUp, counted, runs] = smoke ? [1, 1, 2] : [15, 15, 200];
    const rounds = await smallRuns(language, warmUp, counted, runs);
    const { name, ms } = SMALL_BOUNDS[language];
    figures.push({
      name: `${name}: 1+1 in a pool, reset included, CPU`,
      value: median(rounds),
      unit: "ms",
      bound: ms,
      rounds,
      note: `Behind ${warmUp * runs} runs: before, V8 compiles the host's side on other threads, whose time counts too`,
    });
  }
  const python = findPython();
  if (python !== undefined && existsSync("/proc/self/stat")) figures.push(...(await againstProcesses(python, smoke)));
  return { topic: "pool", figures };
};

async function smallRuns(language: Language, warmUp: number, rounds: number, runs: number): Promise<number[]> {
  const pool = await Pool.create({ size: 1, sandbox: { language } });
  const perRun: number[] = [];
  for (let round = -warmUp; round < rounds; round++) {
    const before = cpuMs();
    for (let run = 0; run < runs; run++) await runWell(pool, "1+1");
    if (round >= 0) perRun.push((cpuMs() - before) / runs);
  }
  await pool.drain();
  return perRun;
}

/** The same programs in a pool and each in a fresh `python3`, in turns. */
async function againstProcesses(python: string, smoke: boolean): Promise<Figure[]> {
  const { sources, from } = programs(smoke ? 2 : 40);
  const pool = await Pool.create({ size: 1, sandbox: { language: "python", limits: { timeoutMs: 60_000 } } });
  const [pooled, fresh, control]: [number[], number[], number[]] = [[], [], []];
  for (let round = smoke ? 0 : -1; round < (smoke ? 1 : 9); round++) {
    const before = childrenCpuMs();
    for (const source of sources) runFresh(python, source);
    const freshMs = childrenCpuMs() - before;
    const [first, second] = [await allMs(pool, sources), await allMs(pool, sources)];
    if (round < 0) continue;
    fresh.push(freshMs / sources.length);
    pooled.push((first + second) / 2 / sources.length);
    control.push(Math.max(first, second) / Math.min(first, second));
  }
  await pool.drain();
  const ratios = pooled.map((ms, round) => ms / (fresh[round] ?? Number.NaN));
  return [
    {
      name: "Python: a HumanEval task in a pool / in a fresh python3 process, CPU",
      value: median(ratios),
      unit: "×",
      bound: 0.2,
      rounds: ratios,
      note: `${from}; ${median(pooled).toFixed(2)} ms and ${median(fresh).toFixed(2)} ms a task`,
    },
    {
      name: "control: the same tasks in the same pool, twice in a round",
      value: median(control),
      unit: "×",
      rounds: control,
    },
  ];
}

async function allMs(pool: Pool, sources: readonly string[]): Promise<number> {
  const before = cpuMs();
  for (const source of sources) await runWell(pool, source);
  return cpuMs() - before;
}

async function runWell(pool: Pool, source: string): Promise<void> {
  const result = await pool.run(source);
  if (result.status !== "ok") throw new Error(`The bench's program failed: ${JSON.stringify(result)}`);
}
