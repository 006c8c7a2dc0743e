import type { AttackClass } from "../harness/attack.ts";
import { javascriptEscapeCorpus } from "./corpus.ts";
import { javascriptEscapeVariants } from "./variants.ts";

/** Out of the JavaScript guest by way of the language: constructors, prototypes, errors, modules, the event loop. */
export const javascriptEscapes: AttackClass = {
  letter: "A",
  title: "out of JavaScript",
  corpus: javascriptEscapeCorpus,
  variants: javascriptEscapeVariants,
};
