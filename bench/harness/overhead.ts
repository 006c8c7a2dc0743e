import { cpuMs } from "./cpu-time.ts";
import type { Figure } from "./report.ts";
import { geometricMean, median } from "./statistics.ts";

/** One program in three instances: metered, plain, and plain once more as the control. Each call must do the same work. */
export interface Contestant {
  readonly name: string;
  readonly metered: () => unknown;
  readonly plain: () => unknown;
  readonly control: () => unknown;
}

export interface ProgramOverhead {
  readonly name: string;
  /** Median CPU time metered over median CPU time plain. */
  readonly ratio: number;
  /** The same of the fastest rounds: what is left when other work on the machine is not in the way. */
  readonly fastestRatio: number;
  /** The same of the control: how far two equal things seem apart on this machine. */
  readonly control: number;
  readonly meteredMs: number;
  readonly plainMs: number;
  readonly meteredRounds: readonly number[];
  readonly plainRounds: readonly number[];
  readonly controlRounds: readonly number[];
}

export interface OverheadOptions {
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds of a program just before it is timed. */
  readonly warmup: number;
  /** Times that all programs run before the first is timed: an interpreter's code is shared by them, and is compiled as it gets hot. */
  readonly passes: number;
}

/** Enough for medians that repeat within a percent, and short enough for a laptop. */
export const FULL: OverheadOptions = { rounds: 21, warmup: 4, passes: 6 };

/** Only to see that everything runs. */
export const SMOKE: OverheadOptions = { rounds: 1, warmup: 1, passes: 0 };

/** Measures each program, once all have warmed up what they share. */
export function measureOverheads(contestants: readonly Contestant[], options: OverheadOptions): ProgramOverhead[] {
  for (let pass = 0; pass < options.passes; pass++) {
    for (const { metered, plain, control } of contestants) for (const run of [metered, plain, control]) run();
  }
  return contestants.map((contestant) => measureOverhead(contestant, options));
}

/**
 * Times a program's three variants in turn, each round in another order, so that whatever else the machine does hits
 * all of them. Throws if they don't return the same: a fast wrong answer is no answer.
 */
function measureOverhead(contestant: Contestant, options: OverheadOptions): ProgramOverhead {
  const { name } = contestant;
  const variants = [contestant.metered, contestant.plain, contestant.control].map((run) => ({
    run,
    times: [] as number[],
  }));
  for (let round = 0; round < options.warmup; round++) {
    agree(
      name,
      variants.map(({ run }) => run()),
    );
  }
  const turns = [...variants];
  for (let round = 0; round < options.rounds; round++) {
    for (const { run, times } of turns) {
      const started = cpuMs();
      run();
      times.push(cpuMs() - started);
    }
    turns.push(...turns.splice(0, 1));
  }
  const [meteredRounds = [], plainRounds = [], controlRounds = []] = variants.map(({ times }) => times);
  const [meteredMs, plainMs] = [median(meteredRounds), median(plainRounds)];
  return {
    name,
    ratio: meteredMs / plainMs,
    fastestRatio: Math.min(...meteredRounds) / Math.min(...plainRounds),
    control: median(controlRounds) / plainMs,
    meteredMs,
    plainMs,
    meteredRounds,
    plainRounds,
    controlRounds,
  };
}

function agree(name: string, results: readonly unknown[]): void {
  const [first] = results;
  if (results.some((result) => !Object.is(result, first)))
    throw new Error(`${name}: the variants differ: ${results.join(", ")}`);
}

/** The two figures of an overhead topic: the mean ratio and the control, whose distance from 1 counts in both directions. */
export function overheadFigures(subject: string, programs: readonly ProgramOverhead[], bound: number): Figure[] {
  const control = geometricMean(programs.map((program) => program.control));
  const fastest = geometricMean(programs.map((program) => program.fastestRatio));
  return [
    {
      name: `${subject}, metered / unmetered, geometric mean of ${programs.length}`,
      value: geometricMean(programs.map((program) => program.ratio)),
      unit: "×",
      bound,
      rounds: programs.map((program) => program.ratio),
      note: `${programs.map((program) => `${program.name} ${program.ratio.toFixed(2)}`).join(", ")}; of the fastest rounds ${fastest.toFixed(3)}`,
    },
    {
      name: `control: ${subject}, unmetered / unmetered`,
      value: Math.max(control, 1 / control),
      unit: "×",
      bound: CONTROL_BOUND,
      rounds: programs.map((program) => program.control),
      note: "Must show no difference; above the bound the machine was too busy and the figures mean nothing",
    },
  ];
}

/** How far the control may be from 1: half of what the smallest promised overhead leaves. */
const CONTROL_BOUND = 1.05;
