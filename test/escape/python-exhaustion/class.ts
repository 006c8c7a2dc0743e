import type { AttackClass } from "../harness/attack.ts";
import { pythonExhaustionCorpus } from "./corpus.ts";
import { pythonExhaustionVariants } from "./variants.ts";

/** Python that takes more time, memory or stack than it was given, mostly inside C. */
export const pythonExhaustion: AttackClass = {
  letter: "F",
  title: "Python without end",
  corpus: pythonExhaustionCorpus,
  variants: pythonExhaustionVariants,
};
