import { measureOverhead, overheadFigures } from "../harness/overhead.ts";
import type { Measure } from "../harness/report.ts";
import { JAVASCRIPT_PROGRAMS } from "./programs.ts";
import { engineBytes, meteredEngine, plainEngine } from "./raw-engine.ts";

/** What metering costs JavaScript: the interpreter's core module, metered and as npm has it, on the same programs. */
export const measure: Measure = async ({ smoke }) => {
  const bytes = engineBytes();
  const [metered, plain, control] = [meteredEngine(bytes), plainEngine(bytes), plainEngine(bytes)];
  const programs = JAVASCRIPT_PROGRAMS.map(({ name, setup, size, smokeSize }) => {
    const source = `${setup}\n0`;
    for (const engine of [metered, plain, control]) engine.evaluate(`{${source}}`);
    const call = `run(${smoke ? smokeSize : size})`;
    return measureOverhead(
      { name, metered: () => metered.evaluate(call), plain: () => plain.evaluate(call), control: () => control.evaluate(call) },
      smoke ? { rounds: 1, warmup: 1 } : { rounds: 21, warmup: 6 },
    );
  });
  return await Promise.resolve({ topic: "javascript", figures: overheadFigures("JavaScript", programs, 1.25), details: programs });
};
