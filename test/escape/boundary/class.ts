import type { AttackClass } from "../harness/attack.ts";
import { boundaryCorpus } from "./corpus.ts";
import { boundaryVariants } from "./variants.ts";

/** What comes out of a sandbox and what goes from one to the next: results, logs, snapshots, clocks, endings. */
export const boundaryAttacks: AttackClass = {
  letter: "I",
  title: "results, snapshots and endings",
  corpus: boundaryCorpus,
  variants: boundaryVariants,
};
