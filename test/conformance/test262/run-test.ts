import type { CompiledEngine } from "../../../bench/javascript/raw-engine.ts";
import type { Test262, Variant } from "./read-test.ts";

/** What the suite's host must give (INTERPRETING.md): what is printed is kept for `$DONE`. */
const HOST = `globalThis.printed = "";
globalThis.print = (message) => { printed += message + "\\n"; };
globalThis.$262 = { global: globalThis, gc() {}, evalScript: (text) => (0, eval)(text) };`;

/** "pass", or what went wrong, in words that two engines can be compared by. */
export function runVariant(engine: CompiledEngine, test: Test262, variant: Variant): string {
  const guest = engine.start();
  guest.execute(HOST);
  let thrown: string | undefined;
  try {
    thrown = guest.execute(variant.source, { module: variant.label === "module" })?.text;
  } catch (error) {
    return `engine: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (test.negative !== undefined) return judgeNegative(test.negative, thrown);
  if (thrown !== undefined) return `threw ${thrown}`;
  if (!test.flags.has("async")) return "pass";
  const printed = guest.globalText("printed");
  return printed.includes("Test262:AsyncTestComplete") && !printed.includes("Test262:AsyncTestFailure")
    ? "pass"
    : `printed ${printed}`;
}

function judgeNegative(expected: string, thrown: string | undefined): string {
  if (thrown === undefined) return `did not throw ${expected}`;
  return thrown.includes(`"name":"${expected}"`) || thrown.startsWith(expected) ? "pass" : `threw ${thrown}`;
}
