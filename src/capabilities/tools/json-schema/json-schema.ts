import type { StandardSchema } from "../standard-schema.ts";
import { checkSchema } from "./check-schema.ts";
import { copyData } from "../json/copy-data.ts";
import { SchemaCheck } from "./schema-check.ts";

/** A schema for tools that tells its own JSON Schema. */
export interface JsonSchemaInput extends StandardSchema<Record<string, unknown>> {
  readonly "~standard": StandardSchema<Record<string, unknown>>["~standard"] & {
    readonly jsonSchema: { readonly input: () => object; readonly output: () => object };
  };
}

/**
 * Makes a Standard Schema of plain JSON Schema, for tools that come with one (an MCP server's, a function declaration of a
 * model's API). It checks and changes nothing: defaults are not filled in.
 *
 * Of draft 7 to 2020-12: `type`, `enum`, `const`, everything on numbers, texts, arrays and objects but
 * `dependentSchemas` and `unevaluated…`, `allOf`, `anyOf`, `oneOf`, `not`, `if`, `$ref` into the schema itself, and OpenAPI's
 * `nullable`. `format` is an annotation, as the specification has it.
 *
 * @throws TypeError that names the place if the schema is none, or has a keyword that would constrain and is not known: a
 * constraint that is not checked is worse than none.
 * @example
 * ```ts
 * const search = tool({
 *   input: jsonSchema({ type: "object", properties: { query: { type: "string" } }, required: ["query"] }),
 *   run: ({ query }) => `results for ${String(query)}`,
 * });
 * ```
 */
export function jsonSchema(schema: object): JsonSchemaInput {
  // A copy: the caller's own object may change later, and the one that is checked is the one that holds.
  const own = copyData(schema) as object;
  checkSchema(own, own, "#");
  return {
    "~standard": {
      version: 1,
      vendor: "wardian",
      validate: (value) => {
        const issues = new SchemaCheck(own).run(value);
        return issues.length === 0 ? { value: value as Record<string, unknown> } : { issues };
      },
      jsonSchema: { input: () => own, output: () => own },
    },
  };
}
