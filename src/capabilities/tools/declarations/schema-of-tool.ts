import type { Tool } from "../tool.ts";

/**
 * The JSON Schema of a tool's arguments or result: what the caller gave, what the schema tells by the Standard JSON Schema
 * interface (`~standard.jsonSchema`: zod 4.2, arktype 2.1.28, valibot by its `toStandardJsonSchema`), or by a method
 * `toJsonSchema` of its own. Undefined if it tells nothing or cannot tell (a date has no JSON Schema).
 */
export function schemaOfTool(tool: Tool, side: "input" | "output"): unknown {
  const given = side === "input" ? tool.inputJsonSchema : tool.outputJsonSchema;
  if (given !== undefined) return given;
  const schema = side === "input" ? tool.input : tool.output;
  if (schema === undefined) return undefined;
  return ask(() => fromStandard(schema, side)) ?? ask(() => fromMethod(schema));
}

/** A guest writes what a schema takes, and reads what it makes. */
function fromStandard(schema: object, side: "input" | "output"): unknown {
  const standard = (schema as { readonly "~standard": { readonly jsonSchema?: unknown } })["~standard"];
  const converter = standard.jsonSchema as
    | Readonly<Record<string, ((options: { readonly target: string }) => unknown) | undefined>>
    | undefined;
  return converter?.[side]?.({ target: "draft-2020-12" });
}

function fromMethod(schema: object): unknown {
  const { toJsonSchema } = schema as { readonly toJsonSchema?: unknown };
  return typeof toJsonSchema === "function" ? (toJsonSchema.call(schema) as unknown) : undefined;
}

/** A schema library throws for what JSON Schema has no word for. */
function ask(question: () => unknown): unknown {
  try {
    return question();
  } catch {
    return undefined;
  }
}
