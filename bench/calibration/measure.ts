import { Sandbox } from "wardian";
import { compileKernels } from "../kernels/compile-kernels.ts";
import { KERNELS, kernelOf, meteredKernels } from "../kernels/kernel-programs.ts";
import { cpuMs } from "../harness/cpu-time.ts";
import { JAVASCRIPT_PROGRAMS } from "../javascript/programs.ts";
import { PYTHON_PROGRAMS } from "../python/programs.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { geometricMean, median } from "../harness/statistics.ts";

/** Fuel and time of one program. */
interface Rate {
  readonly name: string;
  readonly fuel: number;
  /** Most over least fuel of its rounds. A session remembers earlier rounds (caches, collections), so they may differ a little. */
  readonly fuelSpread: number;
  readonly cpuMs: number;
  readonly unitsPerMs: number;
  readonly rounds: readonly number[];
}

/** How much fuel a CPU millisecond is, on this machine: for the page that explains the unit, and for choosing limits. */
export const measure: Measure = async ({ smoke }) => {
  const rounds = smoke ? 1 : 15;
  const warmup = smoke ? 1 : 8;
  const pick = ({ size, smokeSize }: { readonly size: number; readonly smokeSize: number }): number =>
    smoke ? smokeSize : size;
  const javascript = await sandboxRates(
    "javascript",
    JAVASCRIPT_PROGRAMS.map((program, index) => ({
      name: program.name,
      define: `{ ${program.setup}\nglobalThis.program${index} = run; } 0`,
      call: `program${index}(${pick(program)})`,
    })),
    rounds,
    warmup,
  );
  const python = await sandboxRates(
    "python",
    PYTHON_PROGRAMS.map((program, index) => ({
      name: program.name,
      define: `exec(${JSON.stringify(program.setup)}, scope := {})\nprogram_${index} = scope["run"]`,
      call: `program_${index}(${pick(program)})`,
    })),
    rounds,
    warmup,
  );
  const kernels = await kernelRates(pick, rounds, warmup);
  const groups = [
    ["JavaScript programs", javascript],
    ["Python programs", python],
    ["compiled kernels", kernels],
  ] as const;
  const spreads = groups.flatMap(([, rates]) => rates.map(({ fuelSpread }) => fuelSpread));
  return {
    topic: "calibration",
    figures: [
      ...groups.flatMap(([name, rates]) => figuresOf(name, rates)),
      {
        name: "control: fuel of the same program, most over least of all rounds",
        value: Math.max(...spreads),
        unit: "×",
        bound: 1.05,
        rounds: spreads,
        note: "Fuel counts work, not time: it must not move with the machine's load",
      },
    ],
    details: { javascript, python, kernels },
  };
};

function figuresOf(name: string, rates: readonly Rate[]): Figure[] {
  const values = rates.map(({ unitsPerMs }) => unitsPerMs / 1e6);
  return [
    {
      name: `${name}: fuel per CPU millisecond, geometric mean`,
      value: geometricMean(values),
      unit: "million units",
      rounds: values,
      note: rates.map((rate) => `${rate.name} ${(rate.unitsPerMs / 1e6).toFixed(1)}`).join(", "),
    },
    { name: `${name}: the least`, value: Math.min(...values), unit: "million units" },
    { name: `${name}: the most`, value: Math.max(...values), unit: "million units" },
  ];
}

interface SandboxProgram {
  readonly name: string;
  readonly define: string;
  readonly call: string;
}

async function sandboxRates(
  language: "javascript" | "python",
  programs: readonly SandboxProgram[],
  rounds: number,
  warmup: number,
): Promise<Rate[]> {
  const sandbox = await Sandbox.create({
    language,
    limits: { fuel: Number.POSITIVE_INFINITY, timeoutMs: 600_000 },
    random: { seed: 1 },
  });
  const run = (source: string): number => {
    const result = sandbox.runSync(source);
    if (result.status !== "ok") throw new Error(`${language}: ${source} ended as ${JSON.stringify(result)}`);
    return result.usage.fuel;
  };
  for (const { define } of programs) run(define);
  for (let pass = 0; pass < warmup; pass++) for (const { call } of programs) run(call);
  const rates = programs.map(({ name, call }) => rate(name, () => run(call), rounds));
  sandbox.close();
  return rates;
}

async function kernelRates(
  pick: (kernel: { readonly size: number; readonly smokeSize: number }) => number,
  rounds: number,
  warmup: number,
): Promise<Rate[]> {
  const { exports, gauge } = meteredKernels(await compileKernels());
  return KERNELS.map((kernel) => {
    const compute = kernelOf(exports, kernel);
    const run = (): number => {
      const before = gauge.used;
      const end = gauge.enter(() => compute(pick(kernel)));
      if (end.kind === "stopped") throw new Error(`${kernel.name} stopped: ${end.reason.kind}`);
      return gauge.used - before;
    };
    for (let pass = 0; pass < warmup; pass++) run();
    return rate(kernel.name, run, rounds);
  });
}

function rate(name: string, run: () => number, count: number): Rate {
  const rounds: number[] = [];
  const fuels: number[] = [];
  for (let round = 0; round < count; round++) {
    const started = cpuMs();
    fuels.push(run());
    rounds.push(cpuMs() - started);
  }
  const [fuel, ms] = [median(fuels), median(rounds)];
  return { name, fuel, fuelSpread: Math.max(...fuels) / Math.min(...fuels), cpuMs: ms, unitsPerMs: fuel / ms, rounds };
}
