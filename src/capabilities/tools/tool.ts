import type { Redaction } from "./audit/redact.ts";
import { isStandardSchema } from "./standard-schema.ts";
import type { StandardSchema } from "./standard-schema.ts";

export { ToolError } from "./tool-error.ts";

/** What a tool's functions learn of the call beside its arguments. */
export interface ToolCallContext {
  /** The name under which the guest called. */
  readonly tool: string;
  /** Number of the call in its run, from 0; the `id` of its record. */
  readonly id: number;
  /** Aborts when the run ends before the call does. Nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What `approve` decides on. */
export interface ApprovalRequest extends ToolCallContext {
  /** What `run` would get: a copy, so that nothing done to it changes the call. */
  readonly arguments: unknown;
}

/** `true` or `{ approved: true }` lets the call through; everything else denies it. */
export type Approval =
  | boolean
  | {
      readonly approved: boolean;
      /** Who said so: `approvedBy` of the call's record. */
      readonly by?: string | undefined;
      /** Told to the guest when the call is denied. */
      readonly reason?: string | undefined;
    };

export interface ToolOptions<Input, Result = unknown> {
  /** One sentence for whoever writes code against the tool (a model, mostly). */
  readonly description?: string | undefined;
  /** Checks the guest's arguments, and may change them; without it they arrive as JSON data, and `run` must check them. May be asynchronous. */
  readonly input?: StandardSchema<unknown, Input> | undefined;
  /** Checks what `run` gives back, and may change it; what it refuses never reaches the guest. May be asynchronous. */
  readonly output?: StandardSchema<Result, unknown> | undefined;
  /**
   * The host function. Without an `input` it gets one object made of JSON data only (objects have no prototype).
   * What it returns is sent to the guest as JSON; a promise makes the tool asynchronous.
   * Only the message of a thrown {@link ToolError} reaches the guest; anything else is reported as "failed".
   */
  readonly run: (input: Input, context: ToolCallContext) => NoInfer<Result> | Promise<NoInfer<Result>>;
  /**
   * Asked before each call, with arguments that the schema has accepted. Only `true` or `{ approved: true }` lets the call
   * through: anything else, a throw included, denies it. May be asynchronous, and wait for a person as long as the run's
   * deadline allows; an approval that comes after the run's end calls nothing.
   */
  readonly approve?: ((request: ApprovalRequest) => Approval | Promise<Approval>) | undefined;
  /** Calls of this tool in one run whose arguments were valid, approved or not. Default: only `limits.toolCalls` holds. */
  readonly maxCalls?: number | undefined;
  /**
   * What the audit log leaves out: names of properties, at any depth of arguments and results, or a function that gets a
   * copy of the arguments and returns what is recorded in their place.
   */
  readonly redact?: Redaction | undefined;
  /** JSON Schema of the arguments for `toolTypes`, where `input` can't tell its own. Checks nothing. */
  readonly inputJsonSchema?: object | undefined;
  /** JSON Schema of the result for `toolTypes`, where `output` can't tell its own. Checks nothing. */
  readonly outputJsonSchema?: object | undefined;
}

/** A host function that guests may call. Made by {@link tool}. */
export interface Tool {
  readonly description: string;
  readonly input: StandardSchema | undefined;
  readonly output: StandardSchema | undefined;
  readonly run: (input: unknown, context: ToolCallContext) => unknown;
  readonly approve: ((request: ApprovalRequest) => unknown) | undefined;
  /** Number.POSITIVE_INFINITY: only the limit of the run holds. */
  readonly maxCalls: number;
  readonly redact: Redaction | undefined;
  readonly inputJsonSchema: object | undefined;
  readonly outputJsonSchema: object | undefined;
}

const OPTIONS: ReadonlySet<string> = new Set([
  "description",
  "input",
  "output",
  "run",
  "approve",
  "maxCalls",
  "redact",
  "inputJsonSchema",
  "outputJsonSchema",
]);

/**
 * Defines a tool.
 *
 * @throws TypeError that names the option if one has the wrong type or is unknown; RangeError for a `maxCalls` below 0.
 * @example
 * ```ts
 * const add = tool({ description: "Adds two numbers", run: ({ a, b }: { a: number; b: number }) => a + b });
 * ```
 */
export function tool<Input = Record<string, unknown>, Result = unknown>(options: ToolOptions<Input, Result>): Tool {
  if (typeof options !== "object" || options === null) wrong("its options must be an object");
  for (const name of Object.keys(options))
    if (!OPTIONS.has(name)) wrong(`"${name}" is not an option; the options are ${[...OPTIONS].join(", ")}`);
  const {
    description = "",
    input,
    output,
    run,
    approve,
    maxCalls,
    redact,
    inputJsonSchema,
    outputJsonSchema,
  } = options;
  if (typeof run !== "function") wrong("run must be a function");
  if (typeof description !== "string") wrong("description must be a string");
  checkSchema("input", input);
  checkSchema("output", output);
  if (approve !== undefined && typeof approve !== "function") wrong("approve must be a function");
  if (redact !== undefined && typeof redact !== "function" && !isListOfText(redact))
    wrong("redact must be a list of property names or a function");
  for (const [name, schema] of Object.entries({ inputJsonSchema, outputJsonSchema }))
    if (schema !== undefined && (typeof schema !== "object" || schema === null)) wrong(`${name} must be an object`);
  return Object.freeze({
    description,
    input,
    output,
    run: run as Tool["run"],
    approve,
    maxCalls: checkMaxCalls(maxCalls),
    redact: typeof redact === "function" || redact === undefined ? redact : Object.freeze([...redact]),
    inputJsonSchema,
    outputJsonSchema,
  });
}

function checkSchema(name: "input" | "output", schema: unknown): void {
  if (schema !== undefined && !isStandardSchema(schema))
    wrong(`${name} must be a Standard Schema (a zod, valibot or arktype schema, for example)`);
}

function checkMaxCalls(maxCalls: unknown): number {
  if (maxCalls === undefined || maxCalls === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (typeof maxCalls !== "number") wrong(`maxCalls must be a number of calls, not ${typeof maxCalls}`);
  if (!Number.isSafeInteger(maxCalls) || maxCalls < 0)
    throw new RangeError(
      `Cannot define a tool: maxCalls is ${maxCalls}, and must be a whole number of calls, 0 or more`,
    );
  return maxCalls;
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function wrong(what: string): never {
  throw new TypeError(`Cannot define a tool: ${what}`);
}
