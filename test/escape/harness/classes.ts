import type { AttackClass } from "./attack.ts";
import { fileAttacks } from "../files/class.ts";
import { javascriptEscapes } from "../javascript-escapes/class.ts";
import { javascriptExhaustion } from "../javascript-exhaustion/class.ts";
import { toolAttacks } from "../tools/class.ts";
import { pythonEscapes } from "../python-escapes/class.ts";
import { pythonExhaustion } from "../python-exhaustion/class.ts";

/** Every class of attack that is tried. */
export const CLASSES: readonly AttackClass[] = [
  javascriptEscapes,
  pythonEscapes,
  fileAttacks,
  javascriptExhaustion,
  pythonExhaustion,
  toolAttacks,
];
