import path from "node:path";
import { inChild } from "../harness/child.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";

const script = path.join(import.meta.dirname, "child.js");
const MEGABYTE = 1e6;

const BOUNDS = {
  javascript: { name: "JavaScript", createMs: 3, firstMs: undefined, resetMs: 0.2, residentMb: 1.5 },
  python: { name: "Python", createMs: 40, firstMs: 500, resetMs: 5, residentMb: 24 },
} as const;

/** What a sandbox costs before it does anything: time to make one, to reset it, memory to keep it. Wall clock, own processes. */
export const measure: Measure = async ({ smoke }) => {
  const figures: Figure[] = [];
  for (const language of ["javascript", "python"] as const) {
    const bounds = BOUNDS[language];
    const firsts: number[] = [];
    for (let round = 0; round < (smoke ? 1 : 7); round++)
      firsts.push(await inChild<number>(script, ["first", language, "1"]));
    const later = await inChild<Record<"createMs" | "firstRunMs" | "firstResetMs", number[]>>(script, [
      "later",
      language,
      smoke ? "1" : "41",
    ]);
    const reused = await inChild<Record<"runMs" | "resetMs", number[]>>(script, [
      "reused",
      language,
      smoke ? "1" : "101",
    ]);
    const residents: number[] = [];
    for (let round = 0; round < (smoke ? 1 : 3); round++) {
      residents.push((await inChild<number>(script, ["resident", language, smoke ? "4" : "100"])) / MEGABYTE);
    }
    const { name } = bounds;
    figures.push(
      timeFigure(`${name}: Sandbox.create, first in a process, artefacts read and compiled`, firsts, bounds.firstMs),
      timeFigure(`${name}: Sandbox.create, second and later`, later.createMs, bounds.createMs),
      timeFigure(`${name}: first run in a sandbox, of a list literal`, later.firstRunMs, undefined),
      timeFigure(`${name}: first reset() of a sandbox`, later.firstResetMs, undefined),
      timeFigure(`${name}: a run behind a reset()`, reused.runMs, undefined),
      timeFigure(`${name}: reset() behind a run`, reused.resetMs, bounds.resetMs),
      {
        name: `${name}: resident memory per live sandbox, of 100`,
        value: median(residents),
        unit: "MB",
        bound: bounds.residentMb,
        rounds: residents,
      },
    );
  }
  const nothing = await inChild<readonly number[]>(script, ["control", "none", smoke ? "1" : "41"]);
  const empty = (await inChild<number>(script, ["residentControl", "none", "100"])) / MEGABYTE;
  figures.push(
    {
      ...timeFigure("control: an empty asynchronous function, timed as create is", nothing, undefined),
      note: "Must be close to 0",
    },
    {
      name: "control: resident memory per empty Wasm instance, of 100",
      value: empty,
      unit: "MB",
      note: "Must be close to 0",
    },
  );
  return { topic: "start", figures };
};

function timeFigure(name: string, rounds: readonly number[], bound: number | undefined): Figure {
  return { name, value: median(rounds), unit: "ms", rounds, ...(bound === undefined ? {} : { bound }) };
}
