import type { AttackClass } from "../harness/attack.ts";
import { javascriptExhaustionCorpus } from "./corpus.ts";
import { javascriptExhaustionVariants } from "./variants.ts";

/** JavaScript that takes more time, memory or stack than it was given. */
export const javascriptExhaustion: AttackClass = {
  letter: "E",
  title: "JavaScript without end",
  corpus: javascriptExhaustionCorpus,
  variants: javascriptExhaustionVariants,
};
