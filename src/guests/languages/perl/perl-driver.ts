import type { InterpreterDriver, LiveInterpreter } from "../interpreter/interpreter.ts";
import { placeText } from "../interpreter/place-text.ts";

/** `VOID` would do; a scalar tells whether the prelude came to its end. */
const SCALAR = 1;

/** Perl 5, by the interface of zeroperl. Its one own import calls functions of the host's by number: it is sealed. */
export const perlDriver: InterpreterDriver = {
  language: "perl",
  boot(live, prelude) {
    live.function("_initialize")();
    if (live.function("zeroperl_init")() !== 0 || !evaluate(live, `#line 1 "(wardian)"\n${prelude}`))
      throw new Error(`the prelude failed: ${lastError(live)}`);
    return 0;
  },
  enter: (live) => evaluate(live, "wardian::run()"),
};

function evaluate(live: LiveInterpreter, code: string): boolean {
  const { at } = placeText(live, live.function("malloc"), code);
  const status = live.function("zeroperl_eval")(at, SCALAR, 0, 0);
  live.function("free")(at);
  return status === 0;
}

function lastError(live: LiveInterpreter): string {
  return live.memory.asciiText(live.function("zeroperl_last_error")(), 500) ?? "";
}
