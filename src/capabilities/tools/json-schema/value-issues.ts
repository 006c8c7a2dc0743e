import type { Schema } from "./keywords.ts";

/** What is wrong with the type of a value, in words. */
export function typeIssue({ type }: Schema, value: unknown): string | undefined {
  if (type === undefined) return undefined;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const actual = typeOf(value);
  if (types.includes(actual)) return undefined;
  if (actual === "number" && types.includes("integer") && Number.isInteger(value)) return undefined;
  return `expected ${types.join(" or ")}, received ${actual}`;
}

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

export function numberIssue(schema: Schema, value: number): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Readonly<
    Record<string, number | undefined>
  >;
  if (minimum !== undefined && !(value >= minimum)) return `expected at least ${minimum}`;
  if (maximum !== undefined && !(value <= maximum)) return `expected at most ${maximum}`;
  if (exclusiveMinimum !== undefined && !(value > exclusiveMinimum)) return `expected more than ${exclusiveMinimum}`;
  if (exclusiveMaximum !== undefined && !(value < exclusiveMaximum)) return `expected less than ${exclusiveMaximum}`;
  // A quotient that is nearly whole is whole: 0.3 is a multiple of 0.1.
  if (multipleOf !== undefined && !(Math.abs(value / multipleOf - Math.round(value / multipleOf)) <= 1e-9))
    return `expected a multiple of ${multipleOf}`;
  return undefined;
}

export function countIssue(count: number, least: unknown, most: unknown, what: string): string | undefined {
  if (typeof least === "number" && count < least) return `expected at least ${least} ${what}`;
  if (typeof most === "number" && count > most) return `expected at most ${most} ${what}`;
  return undefined;
}
