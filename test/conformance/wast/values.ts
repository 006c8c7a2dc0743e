import { head, isList } from "./s-expression.ts";
import type { Node } from "./s-expression.ts";

/** An argument as JavaScript passes it; `undefined` if it has no JavaScript form (v128). */
export function argument(node: Node, host: Map<string, object>): { readonly value: unknown } | undefined {
  if (!isList(node)) return undefined;
  const literal = typeof node.items[1] === "string" ? node.items[1] : "";
  switch (head(node)) {
    case "i32.const":
      return { value: Number(BigInt.asIntN(32, integer(literal))) };
    case "i64.const":
      return { value: BigInt.asIntN(64, integer(literal)) };
    case "f32.const":
    case "f64.const":
      return { value: float(literal) };
    case "ref.null":
      return { value: null };
    case "ref.extern":
    case "ref.host": {
      const known = host.get(literal) ?? { host: literal };
      host.set(literal, known);
      return { value: known };
    }
    default:
      return undefined;
  }
}

function integer(literal: string): bigint {
  const text = literal.replaceAll("_", "");
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text.replace(/^\+/u, ""));
}

function float(literal: string): number {
  const text = literal.replaceAll("_", "");
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[+-]/u, "");
  if (digits.startsWith("nan")) return Number.NaN;
  if (digits === "inf") return sign * Number.POSITIVE_INFINITY;
  if (!digits.startsWith("0x")) return sign * Number(digits);
  const [mantissa = "", exponent = "0"] = digits.slice(2).split(/p/iu);
  const [whole = "", fraction = ""] = mantissa.split(".");
  const value = BigInt(`0x${whole}${fraction}` === "0x" ? "0x0" : `0x${whole}${fraction}`);
  // Exact where it matters: both sides get the same number.
  return sign * Number(value) * 2 ** (Number(exponent) - 4 * fraction.length);
}

/** A result in a form that two engines' runs can be compared by. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === "number") return Number.isNaN(value) ? "NaN" : Object.is(value, -0) ? "-0" : value;
  if (typeof value === "bigint") return `${String(value)}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "host" in value ? `host ${String(value.host)}` : "an object";
  return value;
}
