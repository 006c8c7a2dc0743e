/**
 * The part of Standard Schema v1 (https://standardschema.dev) that tools use: zod, valibot and arktype schemas have it.
 * `Input` is what the schema takes, `Output` what it makes of it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: the checked value, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** Schemas are objects, or functions (arktype's). */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as { readonly "~standard"?: unknown })["~standard"];
  return (
    typeof standard === "object" &&
    standard !== null &&
    typeof (standard as { validate?: unknown }).validate === "function"
  );
}

/** Issues that a guest is told at once. */
const MAX_ISSUES = 5;
const MAX_ISSUE_TEXT = 300;

/** "user.age: expected number; tags.0: expected string". Never throws, whatever a schema calls an issue. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  try {
    const told = issues.slice(0, MAX_ISSUES).map(issueText);
    const left = issues.length - told.length;
    if (left > 0) told.push(`and ${left} more`);
    return told.length === 0 ? "the schema refused them" : told.join("; ");
  } catch {
    return "the schema refused them";
  }
}

function issueText({ message, path }: SchemaIssue): string {
  const where = (path ?? []).map(segmentText).join(".");
  const text = where === "" ? message : `${where}: ${message}`;
  return text.length > MAX_ISSUE_TEXT ? `${text.slice(0, MAX_ISSUE_TEXT)}…` : text;
}

/** A path segment is a key or, as Standard Schema allows, an object that holds it. */
function segmentText(segment: unknown): string {
  return String(typeof segment === "object" && segment !== null && "key" in segment ? segment.key : segment);
}
