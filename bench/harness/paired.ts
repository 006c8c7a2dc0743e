import { median } from "./statistics.ts";

/** CPU milliseconds (user and system) of this process, garbage collection and compiler threads included. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

export interface Pair {
  /** Median of the subject's time over the median of the baseline's. */
  readonly ratio: number;
  readonly subjectMs: number;
  readonly baselineMs: number;
  readonly subjectRounds: readonly number[];
  readonly baselineRounds: readonly number[];
}

/**
 * Times two ways to do the same thing in one process, alternating and in changing order, so that whatever else the
 * machine does hits both. `clock` defaults to CPU time.
 */
export function pair(
  subject: () => void,
  baseline: () => void,
  options: { readonly rounds: number; readonly warmup?: number; readonly clock?: () => number },
): Pair {
  const { rounds, warmup = 2, clock = cpuMs } = options;
  const time = (work: () => void): number => {
    const started = clock();
    work();
    return clock() - started;
  };
  for (let round = 0; round < warmup; round++) {
    subject();
    baseline();
  }
  const subjectRounds: number[] = [];
  const baselineRounds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) subjectRounds.push(time(subject));
    baselineRounds.push(time(baseline));
    if (round % 2 === 1) subjectRounds.push(time(subject));
  }
  const subjectMs = median(subjectRounds);
  const baselineMs = median(baselineRounds);
  return { ratio: subjectMs / baselineMs, subjectMs, baselineMs, subjectRounds, baselineRounds };
}
