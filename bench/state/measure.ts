import path from "node:path";
import { inChild } from "../harness/child.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";

const script = path.join(import.meta.dirname, "child.js");
const MEGABYTE = 1e6;
const GIBIBYTE = 2 ** 30;

const BOUNDS = {
  javascript: { name: "JavaScript", startMs: 1, resetMs: 0.1, liveInGibibyte: 1_000 },
  python: { name: "Python", startMs: 25, resetMs: 3, liveInGibibyte: 45 },
} as const;

/** What it costs to start from an image, to put back, copy, write and read a sandbox. CPU time, own processes. */
export const measure: Measure = async ({ smoke }) => {
  const times = async (what: string, language: string, count: number): Promise<number[]> =>
    await inChild<number[]>(script, [what, language, String(smoke ? 1 : count)]);
  const figures: Figure[] = [];
  for (const language of ["javascript", "python"] as const) {
    const { name, startMs, resetMs, liveInGibibyte } = BOUNDS[language];
    const residents: number[] = [];
    for (let round = 0; round < (smoke ? 1 : 3); round++) {
      residents.push((await inChild<number>(script, ["resident", language, smoke ? "4" : "200"])) / MEGABYTE);
    }
    figures.push(
      timeFigure(`${name}: a new sandbox from an image`, await times("start", language, 41), startMs),
      timeFigure(`${name}: reset() to an image, behind a run`, await times("reset", language, 41), resetMs),
      {
        name: `${name}: resident memory per live idle sandbox; the bound is ${liveInGibibyte} of them in 1 GiB`,
        value: median(residents),
        unit: "MB",
        bound: GIBIBYTE / liveInGibibyte / MEGABYTE,
        rounds: residents,
      },
    );
  }
  const { delta, whole } = await inChild<Record<"delta" | "whole", number>>(script, ["snapshotSize", "python", "1"]);
  figures.push(
    timeFigure("Python: fork() of a sandbox with 20 MB of live data", await times("fork", "python", 31), 25),
    timeFigure("Python: Sandbox.restore from a delta", await times("restoreDelta", "python", 31), 100),
    timeFigure("Python: Sandbox.restore from a whole snapshot", await times("restoreWhole", "python", 21), 100),
    { name: "Python: snapshot after import json, delta", value: delta / MEGABYTE, unit: "MB", bound: 1 },
    { name: "Python: snapshot after import json, whole", value: whole / MEGABYTE, unit: "MB", bound: 7 },
    {
      ...timeFigure(
        "control: an empty asynchronous function, timed as a new sandbox is",
        await times("control", "javascript", 41),
        undefined,
      ),
      note: "Must be close to 0",
    },
  );
  return { topic: "state", figures };
};

function timeFigure(name: string, rounds: readonly number[], bound: number | undefined): Figure {
  return { name, value: median(rounds), unit: "ms", rounds, ...(bound === undefined ? {} : { bound }) };
}
