import type { AttackClass } from "../harness/attack.ts";
import { toolCorpus } from "./corpus.ts";
import { toolVariants } from "./variants.ts";

/** Across the boundary to host functions: what they are given, what comes back, and when. */
export const toolAttacks: AttackClass = {
  letter: "G",
  title: "host functions",
  corpus: toolCorpus,
  variants: toolVariants,
};
