import type { ImportCall, InterpreterDriver, LiveInterpreter } from "../interpreter/interpreter.ts";
import { placeText } from "../interpreter/place-text.ts";

const INIT = "ruby-init: func(args: list<string>) -> ()";
const EVAL = "rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>";
const DROP = "canonical_abi_drop_rb-abi-value";

/** Without an initial script; the sources are UTF-8. */
const ARGUMENTS = ["ruby", "-EUTF-8", "-e_=0"];

/**
 * CRuby 3.4, by the interface of ruby.wasm. Its handles of Ruby values are the values themselves: what a guest could make
 * of another number is an object of its own. The imports of its `js` library are sealed.
 */
export const rubyDriver: InterpreterDriver = {
  language: "ruby",
  imports: new Map<string, ImportCall>([
    ["canonical_abi.resource_new_rb-abi-value", (_live, value: number) => value],
    ["canonical_abi.resource_get_rb-abi-value", (_live, handle: number) => handle],
  ]),
  boot(live, prelude) {
    live.function("_initialize")();
    initialize(live);
    // A JSON string is one of Ruby's but for what "#" begins in it.
    const text = JSON.stringify(prelude).replaceAll("#", String.raw`\u0023`);
    const code = `eval(${text}, TOPLEVEL_BINDING, "(wardian)", 1)`;
    if (!evaluate(live, `begin; ${code}; rescue Exception; warn $!.full_message(highlight: false); raise; end`))
      throw new Error("the prelude failed");
    return 0;
  },
  enter: (live) => evaluate(live, "Wardian::Host.run"),
};

/** The canonical form of a list of strings: pairs of address and length. */
function initialize(live: LiveInterpreter): void {
  const { memory } = live;
  const list = live.function("cabi_realloc")(0, 0, 4, ARGUMENTS.length * 8) >>> 0;
  for (const [index, argument] of ARGUMENTS.entries()) {
    const { at, length } = place(live, argument);
    memory.setU32(list + index * 8, at);
    memory.setU32(list + index * 8 + 4, length + 1);
  }
  live.function(INIT)(list, ARGUMENTS.length);
}

function evaluate(live: LiveInterpreter, code: string): boolean {
  const { at, length } = place(live, code);
  const result = live.function(EVAL)(at, length + 1) >>> 0;
  const value = live.memory.u32(result);
  const status = live.memory.u32(result + 4);
  if (value !== undefined) live.function(DROP)(value);
  return status === 0;
}

function place(live: LiveInterpreter, text: string): { readonly at: number; readonly length: number } {
  return placeText(live, (bytes) => live.function("cabi_realloc")(0, 0, 1, bytes), text);
}
