import type { AttackClass } from "../harness/attack.ts";
import { pythonEscapeCorpus } from "./corpus.ts";
import { pythonEscapeVariants } from "./variants.ts";

/** Out of the Python guest: the JavaScript bridge that CPython's build had, C extensions, processes, the interpreter's own state. */
export const pythonEscapes: AttackClass = {
  letter: "B",
  title: "out of Python",
  corpus: pythonEscapeCorpus,
  variants: pythonEscapeVariants,
};
