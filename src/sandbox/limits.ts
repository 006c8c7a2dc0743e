import type { GuestKind } from "../guests/guest.ts";
import { factsOf, memoryOf } from "../guests/language-facts.ts";

/**
 * The limits of a sandbox. Each is given once to `Sandbox.create`; a run may only tighten them.
 *
 * | limit         | unit          | default                    | the guest sees                     | the caller sees                   | overshoot |
 * | ------------- | ------------- | -------------------------- | ---------------------------------- | --------------------------------- | --------- |
 * | `fuel`        | fuel units    | 100e9 (about 3 to 10 s)    | nothing: it is stopped             | `limit: "fuel"`, sandbox reset    | one slice of 1e6 units |
 * | `timeoutMs`   | milliseconds  | 5,000                      | nothing: it is stopped             | `limit: "time"`, sandbox reset    | the time of one slice, typically under 1 ms |
 * | `memoryBytes` | bytes         | 64 MiB JavaScript and Lua, 128 SQL and bash, else 256 | its language's out-of-memory error | `limit: "memory"` if not caught   | none |
 * | `outputBytes` | bytes         | 1 MiB                      | nothing: the rest is dropped       | `truncated`; `limit: "output"` if the value is larger | none |
 * | `inputBytes`  | bytes         | 16 MiB                     | nothing: it has not begun          | a RangeError                      | none |
 * | `toolCalls`   | calls         | 1,000                      | a `ToolLimitError`                 | `limit: "tools"` if not caught    | none |
 *
 * The stack is limited too (the language's own recursion error first, a stop after that); it has no knob.
 */
export interface Limits {
  readonly fuel: number;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly outputBytes: number;
  /** Of standard input that comes as a stream. */
  readonly inputBytes: number;
  readonly toolCalls: number;
}

/** Limits as the caller writes them: what is left out keeps its default. */
export type LimitOptions = { readonly [K in keyof Limits]?: number | undefined };

/** Bytes of a Wasm page. */
export const PAGE_BYTES = 65_536;

const MEBIBYTE = 2 ** 20;

interface LimitRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: string;
  readonly infinite: boolean;
}

const RANGES: ReadonlyMap<keyof Limits, LimitRange> = new Map([
  // 2^53 - 1 is what the gauge can count without rounding.
  ["fuel", { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, unit: "fuel units", infinite: true }],
  // 2^31 - 1 is the longest timer that every platform takes: about 24 days.
  ["timeoutMs", { minimum: 1, maximum: 2 ** 31 - 1, unit: "milliseconds", infinite: true }],
  // The interpreters' own minimum; the maximum is what their builds can address with a margin.
  ["memoryBytes", { minimum: 8 * MEBIBYTE, maximum: 2048 * MEBIBYTE, unit: "bytes", infinite: false }],
  ["outputBytes", { minimum: 0, maximum: 256 * MEBIBYTE, unit: "bytes", infinite: false }],
  ["inputBytes", { minimum: 0, maximum: 1024 * MEBIBYTE, unit: "bytes", infinite: false }],
  ["toolCalls", { minimum: 0, maximum: 10_000_000, unit: "calls", infinite: false }],
]);

/** The limits that hold where the caller says nothing. */
export function defaultLimits(language: GuestKind): Limits {
  return {
    fuel: 100e9,
    timeoutMs: 5_000,
    memoryBytes: memoryOf(language).usual,
    outputBytes: MEBIBYTE,
    inputBytes: 16 * MEBIBYTE,
    toolCalls: 1_000,
  };
}

/**
 * Checks `options` and fills in the defaults.
 *
 * @throws TypeError for a name that is not a limit or a value that is not a number.
 * @throws RangeError for a number out of the limit's range.
 */
export function resolveLimits(options: unknown, language: GuestKind, action: string): Limits {
  const limits: Limits = { ...defaultLimits(language), ...parse(options, action) };
  const needed = memoryOf(language).least;
  if (limits.memoryBytes < needed) {
    throw new RangeError(
      `${action}: limits.memoryBytes is ${limits.memoryBytes}, and ${factsOf(language)?.title ?? language} needs at least ${needed} bytes to start`,
    );
  }
  return { ...limits, memoryBytes: Math.floor(limits.memoryBytes / PAGE_BYTES) * PAGE_BYTES };
}

/**
 * The limits of one run: those of the sandbox, tightened.
 *
 * @throws RangeError for a limit that is wider than the sandbox's own, or that cannot change after creation.
 */
export function tightenLimits(limits: Limits, options: unknown, action: string): Limits {
  const parsed = parse(options, action);
  for (const [name, value] of Object.entries(parsed) as [keyof Limits, number][]) {
    if (name === "memoryBytes" && value !== limits.memoryBytes) {
      throw new RangeError(
        `${action}: limits.memoryBytes is set when the sandbox is created and cannot change for one run`,
      );
    }
    if (value > limits[name]) {
      throw new RangeError(
        `${action}: limits.${name} is ${value}, above the sandbox's own ${limits[name]}; a run can only tighten a limit`,
      );
    }
  }
  return { ...limits, ...parsed };
}

function parse(options: unknown, action: string): Partial<Limits> {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${action}: limits must be an object, not ${describe(options)}`);
  }
  const parsed: { -readonly [K in keyof Limits]?: number } = {};
  for (const [name, value] of Object.entries(options)) {
    const range = RANGES.get(name as keyof Limits);
    if (range === undefined) {
      throw new TypeError(`${action}: "${name}" is not a limit; the limits are ${[...RANGES.keys()].join(", ")}`);
    }
    if (value === undefined) continue;
    parsed[name as keyof Limits] = checkRange(name, value, range, action);
  }
  return parsed;
}

function checkRange(name: string, value: unknown, range: LimitRange, action: string): number {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`${action}: limits.${name} must be a number of ${range.unit}, not ${describe(value)}`);
  }
  if (value === Number.POSITIVE_INFINITY && range.infinite) return value;
  if (value < range.minimum || value > range.maximum) {
    throw new RangeError(
      `${action}: limits.${name} is ${value}, outside ${range.minimum} to ${range.maximum} ${range.unit}`,
    );
  }
  return Math.floor(value);
}

/** A short, safe description of a wrong value for an error message. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return typeof value === "undefined" ? "undefined" : `a value of type ${typeof value}`;
}
