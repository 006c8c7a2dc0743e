import type { AttackClass } from "../harness/attack.ts";
import { fileCorpus } from "./corpus.ts";
import { fileVariants } from "./variants.ts";

/** Out of the mounts, said as paths and file operations in both languages. */
export const fileAttacks: AttackClass = { letter: "C", title: "files", corpus: fileCorpus, variants: fileVariants };
