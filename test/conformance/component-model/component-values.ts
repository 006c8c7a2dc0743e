import { head, isList, stringText } from "../wast/s-expression.ts";
import type { List, Node } from "../wast/s-expression.ts";

/** A literal of a `.wast` script, `(list.const (u8.const 1))` for example, as jco lowers it from JavaScript. */
export function literal(node: Node): unknown {
  if (!isList(node)) throw new SyntaxError(`Not a literal: ${node}`);
  const items = node.items.slice(1);
  const text = typeof items[0] === "string" ? items[0] : "";
  switch (head(node)) {
    case "bool.const":
      return text === "true";
    case "u64.const":
    case "s64.const":
      return BigInt(text.replaceAll("_", ""));
    case "f32.const":
      return Math.fround(float(text));
    case "f64.const":
      return float(text);
    case "char.const":
    case "str.const":
      return stringText(text);
    case "list.const":
    case "tuple.const":
      return items.map(literal);
    case "record.const":
      return Object.fromEntries(
        items.filter(isList).map((field) => [name(field.items[1]), literal(field.items[2] ?? "")]),
      );
    case "variant.const":
      return items.length > 1 ? { tag: name(items[0]), val: literal(items[1] ?? "") } : { tag: name(items[0]) };
    case "enum.const":
      return name(items[0]);
    case "option.none":
      return undefined;
    case "option.some":
      return literal(items[0] ?? "");
    case "result.ok":
    case "result.err":
      return resultOf(node);
    case "flags.const":
      return Object.fromEntries(items.map((flag) => [name(flag), true]));
    default:
      return Number(text.replaceAll("_", ""));
  }
}

function resultOf(node: List): unknown {
  const tag = head(node) === "result.ok" ? "ok" : "err";
  return node.items.length > 1 ? { tag, val: literal(node.items[1] ?? "") } : { tag };
}

/** jco's names are in camel case. */
function name(node: Node | undefined): string {
  const text = typeof node === "string" ? stringText(node) : "";
  return text.replaceAll(/-([a-z0-9])/gu, (_dash, letter: string) => letter.toUpperCase());
}

function float(text: string): number {
  if (/^[+-]?inf/u.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return text.includes("nan") ? Number.NaN : Number(text.replaceAll("_", ""));
}

/** Two values are the same if these are: typed arrays are lists, flags that are not set and absent fields are nothing. */
export function canonical(value: unknown): string {
  if (ArrayBuffer.isView(value)) return canonical([...(value as Uint8Array)]);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, item]) => item !== undefined && item !== false);
    return `{${fields
      .map(([key, item]) => `${key}: ${canonical(item)}`)
      .toSorted()
      .join()}}`;
  }
  if (typeof value === "bigint") return `${String(value)}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return value === undefined || value === null ? "none" : JSON.stringify(value);
}
