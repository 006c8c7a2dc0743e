import type { AttackClass } from "../harness/attack.ts";
import { wasmCorpus } from "./corpus.ts";
import { wasmVariants } from "./variants.ts";

/** Hostile Wasm: against the meter, the verifier, the loader, and WASI as a program sees it. */
export const wasmAttacks: AttackClass = {
  letter: "H",
  title: "hostile Wasm",
  corpus: wasmCorpus,
  variants: wasmVariants,
};
