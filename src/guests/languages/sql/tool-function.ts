import type { HostFile } from "../host-file/host-file.ts";
import type { LiveInterpreter } from "../interpreter/interpreter.ts";
import { placeText } from "../interpreter/place-text.ts";
import { textOf, TYPE } from "./sqlite-api.ts";

/**
 * A module that imports one function of three numbers and exports it: a table of functions takes only functions of Wasm.
 * `(module (import "h" "c" (func (param i32 i32 i32))) (export "c" (func 0)))`
 */
const GATE = new WebAssembly.Module(
  Uint8Array.from(
    [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      [1, 7, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0],
      [2, 7, 1, 1, 0x68, 1, 0x63, 0, 0],
      [7, 5, 1, 1, 0x63, 0, 0],
    ].flat(),
  ),
);

/** Puts the function that SQL calls `tool` by into the interpreter's table; the same index in every instance. */
export function linkToolFunction(live: LiveInterpreter, file: HostFile): number {
  const { table } = live;
  if (table === undefined) throw new Error("the module exports no table");
  const { fuel } = live.host;
  const call = (context: number, count: number, values: number): void => {
    if (fuel.stopping) return;
    try {
      callTool(live, file, { context, count, values });
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) fuel.stop({ kind: "host-error", cause });
      else throw cause;
    }
  };
  const gate = new WebAssembly.Instance(GATE, { h: { c: call } });
  const index = table.grow(1);
  table.set(index, gate.exports["c"]);
  return index;
}

interface FunctionCall {
  readonly context: number;
  readonly count: number;
  /** Address of the arguments' addresses. */
  readonly values: number;
}

/** `tool('name')`, `tool('name', '{"json": 1}')` or `tool('name', 'key', value, …)`. */
function callTool(live: LiveInterpreter, file: HostFile, { context, count, values }: FunctionCall): void {
  const given = Array.from({ length: count }, (_, index) => argument(live, live.memory.u32(values + index * 4) ?? 0));
  const [name, first, ...rest] = given;
  if (typeof name !== "string" || !/^\S+$/.test(name)) {
    fail(live, context, "the first argument of tool() is the name of a tool");
    return;
  }
  const json = count === 2 ? String(first) : argumentsOf([first, ...rest], count);
  if (json === undefined) {
    fail(live, context, "tool() takes a name and JSON text, or a name, keys and values");
    return;
  }
  const reply = file.exchange(`tool ${name} ${json.replaceAll("\n", " ")}`);
  if (reply === "") fail(live, context, "the host does not answer");
  else if (reply.startsWith("e")) fail(live, context, (JSON.parse(reply.slice(1)) as string[]).join(": "));
  else succeed(live, context, JSON.parse(reply));
}

function argumentsOf(items: readonly unknown[], count: number): string | undefined {
  if (count === 1) return "{}";
  if (items.length % 2 !== 0) return undefined;
  const pairs: string[] = [];
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (typeof key !== "string") return undefined;
    pairs.push(`${JSON.stringify(key)}:${JSON.stringify(items[index + 1])}`);
  }
  return `{${pairs.join(",")}}`;
}

function argument(live: LiveInterpreter, value: number): string | number | null {
  const read = (name: string): number => live.function(`sqlite3_value_${name}`)(value);
  switch (read("type")) {
    case TYPE.INTEGER:
      return Number(BigInt(read("int64")));
    case TYPE.FLOAT:
      return read("double");
    case TYPE.TEXT:
    case TYPE.BLOB: {
      const address = read("text");
      return textOf(live, address, read("bytes"));
    }
    default:
      return null;
  }
}

/** Has SQLite copy what it is given (https://www.sqlite.org/c3ref/c_static.html). */
const TRANSIENT = -1;
/** What SQLite's own JSON functions mark their results with. */
const JSON_SUBTYPE = 74;

function succeed(live: LiveInterpreter, context: number, answer: unknown): void {
  if (answer === null || answer === undefined) live.function("sqlite3_result_null")(context);
  else if (typeof answer === "boolean") live.function("sqlite3_result_int")(context, answer ? 1 : 0);
  else if (typeof answer === "number" && Number.isSafeInteger(answer))
    live.function("sqlite3_result_int64")(context, BigInt(answer));
  else if (typeof answer === "number") live.function("sqlite3_result_double")(context, answer);
  else {
    withText(live, typeof answer === "string" ? answer : JSON.stringify(answer), (at, length) => {
      live.function("sqlite3_result_text")(context, at, length, TRANSIENT);
    });
    if (typeof answer !== "string") live.function("sqlite3_result_subtype")(context, JSON_SUBTYPE);
  }
}

function fail(live: LiveInterpreter, context: number, message: string): void {
  withText(live, message, (at, length) => {
    live.function("sqlite3_result_error")(context, at, length);
  });
}

function withText(live: LiveInterpreter, text: string, use: (at: number, length: number) => void): void {
  const { at, length } = placeText(live, live.function("sqlite3_malloc"), text);
  if (at === 0) return;
  use(at, length);
  live.function("sqlite3_free")(at);
}
