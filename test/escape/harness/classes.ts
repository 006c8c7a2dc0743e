import type { AttackClass } from "./attack.ts";
import { boundaryAttacks } from "../boundary/class.ts";
import { fileAttacks } from "../files/class.ts";
import { javascriptEscapes } from "../javascript-escapes/class.ts";
import { javascriptExhaustion } from "../javascript-exhaustion/class.ts";
import { networkAttacks } from "../network/class.ts";
import { toolAttacks } from "../tools/class.ts";
import { pythonEscapes } from "../python-escapes/class.ts";
import { pythonExhaustion } from "../python-exhaustion/class.ts";
import { wasmAttacks } from "../wasm/class.ts";

/** Every class of attack that is tried. */
export const CLASSES: readonly AttackClass[] = [
  javascriptEscapes,
  pythonEscapes,
  fileAttacks,
  networkAttacks,
  javascriptExhaustion,
  pythonExhaustion,
  toolAttacks,
  wasmAttacks,
  boundaryAttacks,
];
