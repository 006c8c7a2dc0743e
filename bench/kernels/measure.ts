import { FULL, measureOverheads, overheadFigures, SMOKE } from "../harness/overhead.ts";
import type { Measure } from "../harness/report.ts";
import { compileKernels } from "./compile-kernels.ts";
import { KERNELS, kernelOf, meteredKernels, plainKernels } from "./kernel-programs.ts";

/** What metering costs compiled code: loops over arrays and numbers, where every added instruction shows. */
export const measure: Measure = async ({ smoke }) => {
  const bytes = await compileKernels();
  const metered = meteredKernels(bytes);
  const [plain, control] = [plainKernels(bytes), plainKernels(bytes)];
  const contestants = KERNELS.map((kernel) => {
    const amount = smoke ? kernel.smokeSize : kernel.size;
    const [run, runPlain, runControl] = [
      kernelOf(metered.exports, kernel),
      kernelOf(plain, kernel),
      kernelOf(control, kernel),
    ];
    return {
      name: kernel.name,
      metered: () => {
        const end = metered.gauge.enter(() => run(amount));
        return end.kind === "returned" ? end.value : end.reason.kind;
      },
      plain: () => runPlain(amount),
      control: () => runControl(amount),
    };
  });
  const programs = measureOverheads(contestants, smoke ? SMOKE : FULL);
  const common = programs.filter(({ name }) => COMMON.has(name));
  const [all] = overheadFigures("compiled kernels, the hard ones too", programs, 0);
  if (all === undefined) throw new Error("no figure was made");
  const { bound: _bound, ...unbounded } = all;
  return {
    topic: "kernels",
    figures: [...overheadFigures("compiled kernels", common, 1.12), unbounded],
    details: programs,
  };
};

/**
 * What the promise is about. The other kernels are there to show where metering costs most: loops and recursive
 * functions of a few instructions, in which the counter itself is a large part of the work.
 */
const COMMON: ReadonlySet<string> = new Set(["matmul", "nbody", "sha256", "sort", "mandelbrot"]);
