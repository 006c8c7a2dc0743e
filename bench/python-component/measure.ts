import path from "node:path";
import { memoryDirectory, tool } from "wardian";
import { pythonComponent } from "../../runtimes/python/component/python-component.ts";
import { pythonComponentGuest } from "../../runtimes/python/component/python-component-guest.ts";
import type { Guest } from "../../src/guests/guest.ts";
import { pythonGuest } from "../../src/guests/python/python-guest.ts";
import { BenchSandbox } from "../harness/bench-sandbox.ts";
import { cpuMs } from "../harness/cpu-time.ts";
import { FULL, measureOverheads, SMOKE } from "../harness/overhead.ts";
import type { ProgramOverhead } from "../harness/overhead.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { geometricMean, median } from "../harness/statistics.ts";
import { PYTHON_PROGRAMS } from "../python/programs.ts";
import type { PythonProgram } from "../python/programs.ts";
import { HOST_PROGRAMS } from "./programs.ts";

const root = path.resolve(import.meta.dirname, "../../..");

async function start(guest: Guest): Promise<BenchSandbox> {
  return await BenchSandbox.of(guest, {
    language: "python",
    limits: { fuel: Number.POSITIVE_INFINITY, timeoutMs: 600_000, toolCalls: 10_000_000 },
    files: { "/work": memoryDirectory() },
    tools: { add: tool({ run: ({ a, b }) => Number(a) + Number(b) }) },
    random: { seed: 1 },
  });
}

/** CPython as a component against the direct host: both metered, in the same process, on the same programs. */
export const measure: Measure = async ({ smoke }) => {
  const component = pythonComponentGuest(async () => await pythonComponent(root));
  const startedMs = cpuMs();
  const [onComponent, direct, control] = [await start(component), await start(pythonGuest), await start(pythonGuest)];
  const loadMs = cpuMs() - startedMs;
  const compare = (programs: readonly PythonProgram[]): ProgramOverhead[] =>
    measureOverheads(
      programs.map(({ name, setup, size, smokeSize }, number) => {
        const define = `exec(${JSON.stringify(setup)}, scope := {})\nprogram_${number} = scope["run"]`;
        for (const sandbox of [onComponent, direct, control]) sandbox.evaluate(define);
        const call = `program_${number}(${smoke ? smokeSize : size})`;
        return {
          name,
          metered: () => onComponent.evaluate(call),
          plain: () => direct.evaluate(call),
          control: () => control.evaluate(call),
        };
      }),
      smoke ? SMOKE : FULL,
    );
  const [computing, calling] = [compare(PYTHON_PROGRAMS), compare(HOST_PROGRAMS)];
  const resets = await measureResets(onComponent, direct, smoke ? 1 : 15);
  return {
    topic: "python-component",
    figures: [
      figure("computing", computing),
      figure("calling the host", calling),
      controlFigure([...computing, ...calling]),
      ...resets,
      { name: "loading the component once in a process, with two direct ones", value: loadMs, unit: "ms" },
    ],
    details: [...computing, ...calling],
  };
};

function figure(kind: string, programs: readonly ProgramOverhead[]): Figure {
  const ratios = programs.map(({ ratio }) => ratio);
  return {
    name: `Python ${kind}, component / direct host, geometric mean of ${programs.length}`,
    value: geometricMean(ratios),
    unit: "×",
    rounds: ratios,
    note: programs.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(", "),
  };
}

function controlFigure(programs: readonly ProgramOverhead[]): Figure {
  const control = geometricMean(programs.map((program) => program.control));
  return { name: "control: direct host / direct host", value: Math.max(control, 1 / control), unit: "×" };
}

/** Back to the start, and a short program. */
async function measureResets(
  onComponent: BenchSandbox,
  direct: BenchSandbox,
  rounds: number,
): Promise<readonly Figure[]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -2; round < rounds; round++) {
    for (const [index, sandbox] of [onComponent, direct].entries()) {
      const startedMs = cpuMs();
      await sandbox.reset();
      sandbox.evaluate("1 + 1");
      if (round >= 0) times[index]?.push(cpuMs() - startedMs);
    }
  }
  return times.map((spent, index) => ({
    name: `Python, reset and a short program, ${index === 0 ? "component" : "direct host"}`,
    value: median(spent),
    unit: "ms",
    rounds: spent,
  }));
}
