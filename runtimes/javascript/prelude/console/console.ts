import {
  defineProperty,
  findText,
  getOwnPropertyDescriptor,
  join,
  keys,
  mapDelete,
  mapGet,
  mapSet,
  max,
  padEnd,
  push,
  repeatText,
  SafeMap,
  sliceText,
  splitText,
  toText,
} from "../intrinsics.ts";
import { guestFrames } from "./error-text.ts";
import { inspect } from "./inspect.ts";
import { safely } from "./safely.ts";
import { monotonic, writeText } from "../native.ts";

type Arguments = readonly unknown[];

let indent = "";
const counters = new SafeMap<string, number>();
const timers = new SafeMap<string, number>();

function print(stream: 1 | 2, text: string): void {
  writeText(stream, `${indent === "" ? text : indent + join(splitText(text, "\n"), `\n${indent}`)}\n`);
}

/** As node's `util.format`: text with %s, %d, %i, %f, %j, %o, %O, %c and %%, the rest appended. */
export function format(args: Arguments): string {
  const [first] = args;
  let text = "";
  let next = 0;
  if (typeof first === "string") {
    next = 1;
    text = first;
    if (args.length > 1 && findText(first, "%") >= 0) {
      text = "";
      let from = 0;
      for (let at = findText(first, "%"); at >= 0; at = findText(first, "%", from)) {
        const letter = first[at + 1] ?? "";
        text += sliceText(first, from, at);
        from = at + 2;
        if (letter === "%") text += "%";
        else if (letter === "" || findText("sdifjoOc", letter) < 0 || next >= args.length) text += `%${letter}`;
        else text += formatOne(letter, args[next++]);
      }
      text += sliceText(first, from);
    }
  }
  for (; next < args.length; next++) {
    const item = args[next];
    text += `${next === 0 ? "" : " "}${typeof item === "string" ? item : inspect(item)}`;
  }
  return text;
}

function formatOne(letter: string, value: unknown): string {
  switch (letter) {
    case "s":
      return typeof value === "string" ? value : inspect(value, { depth: 0 });
    case "d":
      return typeof value === "bigint"
        ? `${toText(value)}n`
        : typeof value === "object"
          ? "NaN"
          : toText(Number(value));
    case "i":
      return typeof value === "object" ? "NaN" : toText(parseInt(toText(value), 10));
    case "f":
      return typeof value === "symbol" ? "NaN" : toText(parseFloat(toText(value)));
    case "j":
      return safely(() => toText(JSON.stringify(value)), "[Circular]");
    case "c":
      return "";
    default:
      return inspect(value, { depth: 4 });
  }
}

const log = (...args: Arguments): void => print(1, format(args));
const error = (...args: Arguments): void => print(2, format(args));

const methods: Record<string, (...args: never[]) => void> = {
  log,
  info: log,
  debug: log,
  error,
  warn: error,
  trace: (...args: Arguments): void =>
    print(2, `Trace${args.length > 0 ? `: ${format(args)}` : ""}\n${guestFrames(toText(new Error().stack))}`),
  assert: (condition: unknown, ...args: Arguments): void => {
    if (condition) return;
    const [first, ...rest] = args;
    if (args.length === 0) print(2, "Assertion failed");
    else
      print(
        2,
        typeof first === "string"
          ? format([`Assertion failed: ${first}`, ...rest])
          : format(["Assertion failed:", ...args]),
      );
  },
  dir: (value: unknown, options?: { readonly depth?: number | null }): void =>
    print(1, inspect(value, { depth: options?.depth === null ? 1 / 0 : (options?.depth ?? 2) })),
  dirxml: log,
  table: (value: unknown, columns?: readonly string[]): void => print(1, table(value, columns)),
  count: (label: unknown = "default"): void => {
    const name = toText(label);
    const count = (mapGet(counters, name) ?? 0) + 1;
    mapSet(counters, name, count);
    print(1, `${name}: ${count}`);
  },
  countReset: (label: unknown = "default"): void => void mapDelete(counters, toText(label)),
  time: (label: unknown = "default"): void => void mapSet(timers, toText(label), monotonic()),
  timeLog: (label: unknown = "default", ...args: Arguments): void => elapsed(toText(label), args),
  timeEnd: (label: unknown = "default"): void => {
    elapsed(toText(label), []);
    mapDelete(timers, toText(label));
  },
  group: (...args: Arguments): void => {
    if (args.length > 0) log(...args);
    if (indent.length < 100) indent += "  ";
  },
  groupEnd: (): void => {
    indent = sliceText(indent, 2);
  },
  clear: (): void => undefined,
};
methods["groupCollapsed"] = methods["group"] as () => void;

function elapsed(label: string, args: Arguments): void {
  const start = mapGet(timers, label);
  if (start === undefined) return print(2, `Warning: No such label '${label}' for console.timeEnd()`);
  const ms = monotonic() - start;
  print(
    1,
    `${label}: ${ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${ms.toFixed(3).replace(/\.?0+$/, "")}ms`}${args.length > 0 ? ` ${format(args)}` : ""}`,
  );
}

/** A table of rows and columns with box lines; anything but an object is shown as `log` does. */
function table(data: unknown, wanted: readonly string[] | undefined): string {
  if (typeof data !== "object" || data === null) return format([data]);
  const names: string[] = [];
  const rows: { readonly index: string; readonly cells: Map<string, string>; readonly value: string | undefined }[] =
    [];
  let hasValues = false;
  const entries: [string, unknown][] =
    data instanceof Map
      ? [...data].map(([key, value]) => [inspect(key), value] as [string, unknown])
      : data instanceof Set
        ? [...data].map((value, at) => [toText(at), value] as [string, unknown])
        : Object.entries(data);
  for (const [index, row] of entries.slice(0, 1_000)) {
    const cells = new SafeMap<string, string>();
    if (typeof row === "object" && row !== null) {
      for (const name of wanted ?? keys(row)) {
        if (names.length < 100 && !names.includes(name)) push(names, name);
        if (getOwnPropertyDescriptor(row, name) !== undefined)
          mapSet(cells, name, inspect((row as Record<string, unknown>)[name], { depth: 0 }));
      }
      push(rows, { index, cells, value: undefined });
    } else {
      hasValues = true;
      push(rows, { index, cells, value: inspect(row) });
    }
  }
  const heads = ["(index)", ...names, ...(hasValues ? ["Values"] : [])];
  const lines = rows.map((row) => [
    row.index,
    ...names.map((name) => mapGet(row.cells, name) ?? ""),
    ...(hasValues ? [row.value ?? ""] : []),
  ]);
  const widths = heads.map(
    (head, column) => lines.reduce((width, line) => max(width, (line[column] ?? "").length), head.length) + 2,
  );
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => repeatText("─", width)).join(middle) + right;
  const line = (cells: readonly string[]): string =>
    `│${cells.map((cell, column) => padEnd(` ${cell}`, widths[column] ?? 0)).join("│")}│`;
  return [rule("┌", "┬", "┐"), line(heads), rule("├", "┼", "┤"), ...lines.map(line), rule("└", "┴", "┘")].join("\n");
}

export function installConsole(): void {
  const target = {};
  for (const name of keys(methods)) {
    const method = methods[name];
    // Some are one function under several names: it keeps the first. The bundle's own names are short ones.
    if (method !== undefined && !(method.name in methods))
      defineProperty(method, "name", { value: name, configurable: true });
    defineProperty(target, name, { value: method, writable: true, configurable: true, enumerable: true });
  }
  defineProperty(globalThis, "console", { value: target, writable: true, configurable: true, enumerable: false });
}

/** Labels and indentation do not outlive a run. */
export function resetConsole(): void {
  indent = "";
}
