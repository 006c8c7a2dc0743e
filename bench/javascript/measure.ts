import { readFileSync } from "node:fs";
import path from "node:path";
import { FULL, measureOverheads, overheadFigures, SMOKE } from "../harness/overhead.ts";
import type { Contestant } from "../harness/overhead.ts";
import type { Measure } from "../harness/report.ts";
import { geometricMean } from "../harness/statistics.ts";
import type { ModulesFile } from "../../src/guests/javascript/artefacts.ts";
import { JAVASCRIPT_PROGRAMS } from "./programs.ts";
import { engineBytes, meteredEngine, plainEngine } from "./raw-engine.ts";
import type { RawEngine } from "./raw-engine.ts";

const modulesFile = path.resolve(import.meta.dirname, "../../../dist/runtimes/javascript/modules.json");

/** What metering costs JavaScript: the interpreter's core module, metered and as npm has it, on the same programs. */
export const measure: Measure = async ({ smoke }) => {
  const bytes = engineBytes();
  // As the guest's build meters it, depth limit and all.
  const { stackLimit } = JSON.parse(readFileSync(modulesFile, "utf8")) as ModulesFile;
  const shipped = meteredEngine(bytes, { addExports: "state", stackLimit });
  const fuelOnly = meteredEngine(bytes, { addExports: "state" });
  const [plain, control] = [plainEngine(bytes), plainEngine(bytes)];
  const options = smoke ? SMOKE : FULL;
  const programs = measureOverheads(contestants(shipped, plain, control, smoke), options);
  const withoutDepth = measureOverheads(contestants(fuelOnly, plain, control, smoke), options);
  return await Promise.resolve({
    topic: "javascript",
    figures: [
      ...overheadFigures("JavaScript", programs, 1.25),
      {
        name: "JavaScript with fuel but without the depth limit, metered / unmetered",
        value: geometricMean(withoutDepth.map(({ ratio }) => ratio)),
        unit: "×",
        rounds: withoutDepth.map(({ ratio }) => ratio),
        note: withoutDepth.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(", "),
      },
    ],
    details: { programs, withoutDepth },
  });
};

function contestants(metered: RawEngine, plain: RawEngine, control: RawEngine, smoke: boolean): Contestant[] {
  return JAVASCRIPT_PROGRAMS.map(({ name, setup, size, smokeSize }) => {
    // Each program has a scope and a function of its own.
    const slot = JSON.stringify(name);
    const define = `{ ${setup}\n(globalThis.programs ??= {})[${slot}] = run; } 0`;
    for (const engine of [metered, plain, control]) engine.evaluate(define);
    const call = `programs[${slot}](${smoke ? smokeSize : size})`;
    return {
      name,
      metered: () => metered.evaluate(call),
      plain: () => plain.evaluate(call),
      control: () => control.evaluate(call),
    };
  });
}
