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
  return { topic: "kernels", figures: overheadFigures("compiled kernels", programs, 1.12), details: programs };
};
