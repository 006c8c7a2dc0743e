import { Sandbox } from "wardian";
import type { Execution, Language } from "wardian";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";

const NAMES = { javascript: "JavaScript", python: "Python" } as const;

/** What a thread or a process of its own adds to a small run: wall clock, in turns with the same run inline. */
export const measure: Measure = async ({ smoke }) => {
  const figures: Figure[] = [];
  for (const language of ["javascript", "python"] as const) {
    const name = NAMES[language];
    const worker = await compare(language, "worker", smoke);
    const process = await compare(language, "process", smoke);
    const inline = await compare(language, "inline", smoke);
    figures.push(
      {
        name: `${name}: added by a worker to a run of 1+1`,
        value: median(worker),
        unit: "ms",
        bound: 0.5,
        rounds: worker,
      },
      { name: `${name}: added by a process to a run of 1+1`, value: median(process), unit: "ms", rounds: process },
      {
        name: `control: ${name}, added by inline to inline`,
        value: median(inline),
        unit: "ms",
        rounds: inline,
        note: "Must be close to 0",
      },
    );
  }
  return { topic: "worker", figures };
};

/** Milliseconds that a run takes longer than inline, one number a round. */
async function compare(language: Language, execution: Execution, smoke: boolean): Promise<number[]> {
  const inline = await Sandbox.create({ language });
  const other = await Sandbox.create({ language, execution });
  const rounds: number[] = [];
  for (let round = smoke ? 0 : -5; round < (smoke ? 1 : 31); round++) {
    const own = await perRun(inline, smoke ? 1 : 40);
    const added = (await perRun(other, smoke ? 1 : 40)) - own;
    if (round >= 0) rounds.push(added);
  }
  inline.close();
  other.close();
  return rounds;
}

/** The middle one of so many runs, in milliseconds. */
async function perRun(sandbox: Sandbox, runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await sandbox.run("1+1");
    times.push(performance.now() - started);
  }
  return median(times);
}
