import { WardianError } from "../../errors.ts";

/**
 * The part of Standard Schema v1 (https://standardschema.dev) that tools use: zod, valibot and arktype schemas have it.
 */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the checked value, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

export interface ToolOptions<Input> {
  /** One sentence for whoever writes code against the tool (a model, mostly). */
  readonly description?: string;
  /** Checks the guest's arguments; without it they arrive as JSON data, and `run` must check them. */
  readonly input?: StandardSchema<Input>;
  /**
   * The host function. It gets one object made of JSON data only (objects have no prototype).
   * What it returns is sent to the guest as JSON; a promise makes the tool asynchronous.
   * Only the message of a thrown {@link ToolError} reaches the guest; anything else is reported as "failed".
   */
  readonly run: (input: Input) => unknown;
}

/** A host function that guests may call. Made by {@link tool}. */
export interface Tool {
  readonly description: string;
  readonly input: StandardSchema | undefined;
  readonly run: (input: unknown) => unknown;
}

/** Thrown by a tool's `run` to tell the guest why the call failed: the message is sent to the guest as it is. */
export class ToolError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "ToolError";
  }
}

/**
 * Defines a tool.
 *
 * @throws TypeError if `run` is not a function or `input` is not a Standard Schema.
 * @example
 * ```ts
 * const add = tool({ description: "Adds two numbers", run: ({ a, b }: { a: number; b: number }) => a + b });
 * ```
 */
export function tool<Input = Record<string, unknown>>(options: ToolOptions<Input>): Tool {
  if (typeof options !== "object" || options === null)
    throw new TypeError("Cannot define a tool: its options must be an object");
  const { description = "", input, run } = options;
  if (typeof run !== "function") throw new TypeError("Cannot define a tool: run must be a function");
  if (typeof description !== "string") throw new TypeError("Cannot define a tool: description must be a string");
  if (input !== undefined && !isStandardSchema(input)) {
    throw new TypeError(
      "Cannot define a tool: input must be a Standard Schema (a zod, valibot or arktype schema, for example)",
    );
  }
  return Object.freeze({ description, input, run: run as (input: unknown) => unknown });
}

/** Tool names become attributes in the guest languages, so they are plain identifiers. */
const TOOL_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Checks the `tools` option. Names may be anything that is an identifier, `constructor` included: they are kept in a Map. */
export function resolveTools(tools: unknown, action: string): ReadonlyMap<string, Tool> {
  const resolved = new Map<string, Tool>();
  if (tools === undefined) return resolved;
  if (typeof tools !== "object" || tools === null || Array.isArray(tools)) {
    throw new TypeError(`${action}: tools must be an object of name → tool(…)`);
  }
  for (const [name, candidate] of Object.entries(tools) as [string, unknown][]) {
    if (!TOOL_NAME.test(name)) {
      throw new WardianError(
        "invalid-option",
        `${action}: tool name "${name.slice(0, 60)}" is not an identifier of at most 128 letters, digits and "_"`,
      );
    }
    if (typeof candidate !== "object" || candidate === null || typeof (candidate as Tool).run !== "function") {
      throw new TypeError(`${action}: tools.${name} is not a tool; make it with tool({ run })`);
    }
    resolved.set(name, candidate as Tool);
  }
  return resolved;
}

function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as { readonly "~standard"?: unknown })["~standard"];
  return (
    typeof standard === "object" &&
    standard !== null &&
    typeof (standard as { validate?: unknown }).validate === "function"
  );
}
