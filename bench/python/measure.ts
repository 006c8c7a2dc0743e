import type { RuntimeAssets } from "../../src/guests/guest.ts";
import { BenchSandbox } from "../harness/bench-sandbox.ts";
import { FULL, measureOverheads, overheadFigures, SMOKE } from "../harness/overhead.ts";
import type { Measure } from "../harness/report.ts";
import { PYTHON_PROGRAMS } from "./programs.ts";
import { pythonTwins } from "./twin-modules.ts";

/** What metering costs Python: the same sandbox over the interpreter metered and not metered, on the same programs. */
export const measure: Measure = async ({ smoke }) => {
  const twins = pythonTwins();
  const start = async (assets: RuntimeAssets): Promise<BenchSandbox> =>
    await BenchSandbox.on(assets, {
      language: "python",
      limits: { fuel: Number.POSITIVE_INFINITY, timeoutMs: 600_000 },
      random: { seed: 1 },
    });
  const [metered, plain, control] = [await start(twins.metered), await start(twins.plain), await start(twins.control)];
  const contestants = PYTHON_PROGRAMS.map(({ name, setup, size, smokeSize }, number) => {
    // Each program has a module-like scope of its own, and a name for its function.
    const define = `exec(${JSON.stringify(setup)}, scope := {})\nprogram_${number} = scope["run"]`;
    for (const sandbox of [metered, plain, control]) sandbox.evaluate(define);
    const call = `program_${number}(${smoke ? smokeSize : size})`;
    return {
      name,
      metered: () => metered.evaluate(call),
      plain: () => plain.evaluate(call),
      control: () => control.evaluate(call),
    };
  });
  const programs = measureOverheads(contestants, smoke ? SMOKE : FULL);
  return { topic: "python", figures: overheadFigures("Python", programs, 1.2), details: programs };
};
