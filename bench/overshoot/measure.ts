import { Sandbox } from "wardian";
import { BenchSandbox } from "../harness/bench-sandbox.ts";
import { cpuMs } from "../harness/cpu-time.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { JAVASCRIPT_CASES, PYTHON_CASES } from "./cases.ts";
import type { EndlessCase } from "./cases.ts";
import { DEADLINE_MS, measureCases } from "./measure-cases.ts";
import type { Bed, CaseOvershoot } from "./measure-cases.ts";

/** How long a guest outlives its deadline, on the wall clock, in the built package. */
export const measure: Measure = async ({ smoke }) => {
  const rounds = smoke ? 1 : 7;
  // A smoke test sees that each way of measuring works; a third of the cases do for that.
  const pick = (cases: readonly EndlessCase[]): EndlessCase[] => cases.filter((_, index) => !smoke || index % 3 === 0);
  const [javascriptCases, pythonCases] = [pick(JAVASCRIPT_CASES), pick(PYTHON_CASES)];
  const control = Array.from({ length: smoke ? 1 : 21 }, hostLoop);
  const bed: Bed = { create: async (options) => await Sandbox.create(options), now: () => performance.now() };
  const javascript = await measureCases(bed, "javascript", javascriptCases, rounds);
  const python = await measureCases(bed, "python", pythonCases, rounds);
  // Again with a clock that stands still while other work has the processor: what is the product's own.
  const cpuBed: Bed = { create: async (options) => await BenchSandbox.create(options, cpuMs), now: cpuMs };
  const busy = pythonCases.filter(({ waits }) => waits !== true);
  const cpu = [
    ["JavaScript", await measureCases(cpuBed, "javascript", javascriptCases, rounds)],
    ["Python", await measureCases(cpuBed, "python", busy, rounds)],
  ] as const;
  return {
    topic: "overshoot",
    figures: [
      ...figuresOf("JavaScript", javascript, 5),
      ...figuresOf("Python", python, 10),
      ...cpu.map(([language, cases]) => cpuFigure(language, cases)),
      {
        name: "control: a host loop's overshoot past the same deadline, worst of all rounds",
        value: Math.max(...control),
        unit: "ms",
        rounds: control,
        note: "What the machine itself adds: anything far from 0 is other work on it",
      },
    ],
    details: { javascript, python, cpu },
  };
};

function cpuFigure(language: string, cases: readonly CaseOvershoot[]): Figure {
  const worst = cases.reduce((a, b) => (b.overshootMs > a.overshootMs ? b : a));
  return {
    name: `${language}, the same with deadline and overshoot in CPU time`,
    value: worst.overshootMs,
    unit: "ms",
    rounds: worst.overshootRounds,
    note: `worst: ${worst.name}; ${cases.map(({ name, overshootMs }) => `${name} ${overshootMs.toFixed(2)}`).join(", ")}`,
  };
}

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

function hostLoop(): number {
  const started = performance.now();
  while (performance.now() - started < DEADLINE_MS);
  return performance.now() - started - DEADLINE_MS;
}
