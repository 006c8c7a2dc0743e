import type { GuestCall } from "../../guests/guest.ts";
import { invalid } from "./recording-file.ts";

/** How deep the arguments of a call may nest. */
const MAX_DEPTH = 200;

/** Typed arrays that a list of numbers may be given as. */
const TYPED = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
} as const;

/**
 * A call of an export as JSON data: what JSON has no word for as a pair of a kind and a text or list.
 *
 * @throws TypeError for arguments that are no data
 */
export function callToJson({ name, args }: GuestCall): unknown {
  return { name, args: args.map((value) => toJson(value, 0)) };
}

/** @throws WardianError "invalid-recording" for anything that {@link callToJson} does not give */
export function callFromJson(value: unknown): GuestCall {
  const { name, args } = (value ?? {}) as { readonly name?: unknown; readonly args?: unknown };
  if (typeof name !== "string" || !Array.isArray(args)) throw invalid('"call" is no call');
  return { name, args: args.map((item) => fromJson(item, 0)) };
}

function toJson(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError("A call's arguments nest too deeply");
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : ["number", Object.is(value, -0) ? "-0" : `${value}`];
    case "bigint":
      return ["bigint", String(value)];
    case "undefined":
      return ["undefined"];
    case "object":
      return value === null ? null : objectToJson(value, depth);
    default:
      throw new TypeError("A call's arguments are no data");
  }
}

function objectToJson(value: object, depth: number): unknown {
  if (Array.isArray(value)) return ["list", value.map((item) => toJson(item, depth + 1))];
  for (const [kind, type] of Object.entries(TYPED))
    if (value instanceof type) return [kind, Array.from(value as Iterable<number | bigint>, String)];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError("A call's arguments are no data");
  return ["object", Object.entries(value).map(([name, item]) => [name, toJson(item, depth + 1)])];
}

function fromJson(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw invalid("the arguments of a call nest too deeply");
  if (!Array.isArray(value)) {
    if (typeof value === "object" && value !== null) throw invalid("an argument of a call is of an unknown form");
    return value;
  }
  const [kind, content] = value as readonly unknown[];
  switch (kind) {
    case "undefined":
      return undefined;
    case "number":
      return Number(content);
    case "bigint":
      return bigintOf(content);
    case "list":
      return listOf(content).map((item) => fromJson(item, depth + 1));
    case "object":
      return Object.assign(
        Object.create(null) as object,
        Object.fromEntries(listOf(content).map((pair) => fieldFromJson(pair, depth))),
      );
    default:
      return typedFromJson(kind, content);
  }
}

function fieldFromJson(pair: unknown, depth: number): readonly [string, unknown] {
  const [name, item] = listOf(pair);
  if (typeof name !== "string") throw invalid("a field of a call's argument has no name");
  return [name, fromJson(item, depth + 1)];
}

function typedFromJson(kind: unknown, content: unknown): unknown {
  if (typeof kind !== "string" || !Object.hasOwn(TYPED, kind))
    throw invalid("an argument of a call is of an unknown form");
  const items = listOf(content);
  if (kind === "BigInt64Array") return BigInt64Array.from(items, bigintOf);
  if (kind === "BigUint64Array") return BigUint64Array.from(items, bigintOf);
  return TYPED[kind as "Uint8Array"].from(items, Number);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid("an argument of a call is of an unknown form");
  return value;
}

function bigintOf(value: unknown): bigint {
  // As long as any integer that crosses; parsing takes time that grows faster than the text.
  if (typeof value !== "string" || !/^-?\d{1,20}$/.test(value)) throw invalid("a large integer of a call is none");
  return BigInt(value);
}
