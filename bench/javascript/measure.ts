import { FULL, measureOverheads, overheadFigures, SMOKE } from "../harness/overhead.ts";
import type { Measure } from "../harness/report.ts";
import { JAVASCRIPT_PROGRAMS } from "./programs.ts";
import { engineBytes, meteredEngine, plainEngine } from "./raw-engine.ts";

/** What metering costs JavaScript: the interpreter's core module, metered and as npm has it, on the same programs. */
export const measure: Measure = async ({ smoke }) => {
  const bytes = engineBytes();
  const [metered, plain, control] = [meteredEngine(bytes), plainEngine(bytes), plainEngine(bytes)];
  const contestants = JAVASCRIPT_PROGRAMS.map(({ name, setup, size, smokeSize }) => {
    const amount = smoke ? smokeSize : size;
    // Each program has a scope and a function of its own.
    const slot = JSON.stringify(name);
    const define = `{ ${setup}\n(globalThis.programs ??= {})[${slot}] = run; } 0`;
    for (const engine of [metered, plain, control]) engine.evaluate(define);
    const call = `programs[${slot}](${amount})`;
    return {
      name,
      metered: () => metered.evaluate(call),
      plain: () => plain.evaluate(call),
      control: () => control.evaluate(call),
    };
  });
  const programs = measureOverheads(contestants, smoke ? SMOKE : FULL);
  return await Promise.resolve({
    topic: "javascript",
    figures: overheadFigures("JavaScript", programs, 1.25),
    details: programs,
  });
};
