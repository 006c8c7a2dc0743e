import type { AttackClass } from "../harness/attack.ts";
import { networkCorpus } from "./corpus.ts";
import { networkVariants } from "./variants.ts";

/** To hosts that nobody allowed, and with what nobody may send. */
export const networkAttacks: AttackClass = {
  letter: "D",
  title: "network",
  corpus: networkCorpus,
  variants: networkVariants,
};
