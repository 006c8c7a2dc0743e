/** Keywords that hold one schema. */
export const ONE_SCHEMA = [
  "additionalProperties",
  "additionalItems",
  "contains",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
] as const;
/** Keywords that hold a list of schemas. */
export const SCHEMA_LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"] as const;
/** Keywords that hold schemas by name. */
export const SCHEMA_MAPS = ["properties", "patternProperties", "$defs", "definitions"] as const;

/** Keywords whose value is a whole number, 0 or more. */
export const COUNTS = [
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "minContains",
  "maxContains",
] as const;
export const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"] as const;

export const TYPES: readonly unknown[] = ["null", "boolean", "object", "array", "number", "string", "integer"];

/** Keywords that are checked in some other way, and those that constrain nothing. */
export const OTHERS: ReadonlySet<string> = new Set(
  `type enum const items required uniqueItems dependentRequired pattern nullable $ref
  $schema $id $comment title description default examples example deprecated readOnly writeOnly format contentEncoding
  contentMediaType externalDocs`.split(/\s+/),
);

export const KNOWN: ReadonlySet<string> = new Set<string>([
  ...ONE_SCHEMA,
  ...SCHEMA_LISTS,
  ...SCHEMA_MAPS,
  ...COUNTS,
  ...NUMBERS,
  ...OTHERS,
]);

export type Schema = Readonly<Record<string, unknown>>;

export function isSchemaObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
