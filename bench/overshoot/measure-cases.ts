import type { RunResult, SandboxOptions } from "wardian";
import { median } from "../harness/statistics.ts";
import type { EndlessCase } from "./cases.ts";

export const DEADLINE_MS = 50;

export interface CaseOvershoot {
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

/** What the measuring needs of a sandbox; the package's is one. */
interface Subject {
  run(source: string): Promise<RunResult>;
  reset(): void;
  close(): void;
}

/** How sandboxes are made, and the clock that they and the measuring share. */
export interface Bed {
  readonly create: (options: SandboxOptions) => Promise<Subject>;
  readonly now: () => number;
}

/** Runs each case beyond its deadline, `rounds` times and once before that to warm up. */
export async function measureCases(
  { create, now }: Bed,
  language: "javascript" | "python",
  cases: readonly EndlessCase[],
  rounds: number,
): Promise<CaseOvershoot[]> {
  const measured: CaseOvershoot[] = [];
  // The language's own path of a stop is compiled before anything counts.
  const warm = await create({ language, limits: { timeoutMs: DEADLINE_MS } });
  for (const { source } of cases.slice(0, rounds)) await warm.run(source);
  warm.close();
  for (const { name, source, otherEnd } of cases) {
    // Room for what the case wants to allocate: it is the deadline that has to stop it.
    const sandbox = await create({
      language,
      limits: { timeoutMs: DEADLINE_MS, fuel: Number.POSITIVE_INFINITY, memoryBytes: 1024 * 2 ** 20 },
    });
    const ends = new Map<string, number>();
    const overshootRounds: number[] = [];
    const resetRounds: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      globalThis.gc?.();
      // What the last reset put off (making a new instance in place of one that grew far) is done when the event loop turns.
      await new Promise((resolve) => setTimeout(resolve, 60));
      const started = now();
      const result = await sandbox.run(source);
      overshootRounds.push(now() - started - DEADLINE_MS);
      const end = endOf(result);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      const before = now();
      // oxlint-disable-next-line typescript/no-floating-promises -- an inline sandbox is back when the call returns
      sandbox.reset();
      resetRounds.push(now() - before);
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
