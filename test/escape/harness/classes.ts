import type { AttackClass } from "./attack.ts";
import { javascriptEscapes } from "../javascript-escapes/class.ts";
import { javascriptExhaustion } from "../javascript-exhaustion/class.ts";
import { pythonEscapes } from "../python-escapes/class.ts";
import { pythonExhaustion } from "../python-exhaustion/class.ts";

/** Every class of attack that is tried. */
export const CLASSES: readonly AttackClass[] = [
  javascriptEscapes,
  pythonEscapes,
  javascriptExhaustion,
  pythonExhaustion,
];
