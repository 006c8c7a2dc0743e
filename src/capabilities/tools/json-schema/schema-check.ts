import type { SchemaIssue } from "../standard-schema.ts";
import { findReference } from "./find-reference.ts";
import { isSchemaObject } from "./keywords.ts";
import type { Schema } from "./keywords.ts";
import { canonicalText, sameData } from "./same-data.ts";
import { countIssue, numberIssue, typeIssue } from "./value-issues.ts";

type Path = readonly (string | number)[];

/** Schemas that one check may look at: `anyOf` inside a recursive schema is exponential otherwise. */
const MAX_STEPS = 1_000_000;
/** References that lead to references, and data inside data. */
const MAX_DEPTH = 500;

/** One check of a value by a schema that `checkSchema` has seen. */
export class SchemaCheck {
  readonly #root: unknown;
  #steps = 0;
  #depth = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  /**
   * What is wrong with the value, the first of each place.
   *
   * @throws RangeError if the check would not end.
   */
  run(value: unknown): readonly SchemaIssue[] {
    return this.#check(this.#root, value, []);
  }

  #check(schema: unknown, value: unknown, path: Path): SchemaIssue[] {
    if (schema === true) return [];
    if (!isSchemaObject(schema)) return [issue(path, "nothing is allowed here")];
    this.#steps++;
    if (this.#steps > MAX_STEPS || this.#depth > MAX_DEPTH)
      throw new RangeError("Cannot check arguments by their JSON Schema: it takes too many steps");
    if (value === null && schema["nullable"] === true) return [];
    this.#depth++;
    const issues = [...this.#checkOwn(schema, value, path), ...this.#checkCombined(schema, value, path)];
    this.#depth--;
    return issues;
  }

  #checkOwn(schema: Schema, value: unknown, path: Path): SchemaIssue[] {
    const found = typeIssue(schema, value);
    if (found !== undefined) return [issue(path, found)];
    if ("const" in schema && !sameData(schema["const"], value))
      return [issue(path, `expected ${JSON.stringify(schema["const"])}`)];
    const { enum: allowed } = schema;
    if (Array.isArray(allowed) && !allowed.some((item) => sameData(item, value)))
      return [issue(path, `expected one of ${JSON.stringify(allowed)}`)];
    if (typeof value === "number") return issuesOf(path, numberIssue(schema, value));
    if (typeof value === "string") return this.#checkText(schema, value, path);
    if (Array.isArray(value)) return this.#checkArray(schema, value, path);
    return isSchemaObject(value) ? this.#checkObject(schema, value, path) : [];
  }

  #checkText(schema: Schema, value: string, path: Path): SchemaIssue[] {
    const { minLength, maxLength } = schema;
    const counted = minLength === undefined && maxLength === undefined ? 0 : codePoints(value);
    const found = countIssue(counted, minLength, maxLength, "characters");
    const { pattern } = schema;
    if (found !== undefined || pattern === undefined) return issuesOf(path, found);
    return new RegExp(pattern as string, "u").test(value)
      ? []
      : [issue(path, `expected text like ${pattern as string}`)];
  }

  #checkArray(schema: Schema, value: readonly unknown[], path: Path): SchemaIssue[] {
    const found = countIssue(value.length, schema["minItems"], schema["maxItems"], "items");
    if (found !== undefined) return [issue(path, found)];
    if (schema["uniqueItems"] === true) {
      const distinct = new Set(value.map(canonicalText));
      if (distinct.size < value.length) return [issue(path, "expected no item twice")];
    }
    const { items, prefixItems, additionalItems, contains } = schema;
    if (contains !== undefined) {
      const matching = value.filter((item) => this.#matches(contains, item)).length;
      const short = countIssue(
        matching,
        schema["minContains"] ?? 1,
        schema["maxContains"],
        "items of the kind that must be there",
      );
      if (short !== undefined) return [issue(path, short)];
    }
    const heads: readonly unknown[] = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
    const rest = (Array.isArray(items) ? additionalItems : items) ?? true;
    return value.flatMap((item, index) => this.#check(heads[index] ?? rest, item, [...path, index]));
  }

  #checkObject(schema: Schema, value: Schema, path: Path): SchemaIssue[] {
    const { required, properties, patternProperties, additionalProperties, propertyNames } = schema;
    const names = Object.keys(value);
    const found = countIssue(names.length, schema["minProperties"], schema["maxProperties"], "properties");
    const issues = issuesOf(path, found);
    for (const name of (required ?? []) as readonly string[])
      if (!Object.hasOwn(value, name)) issues.push(issue([...path, name], "is missing"));
    const dependent = isSchemaObject(schema["dependentRequired"]) ? schema["dependentRequired"] : {};
    for (const [name, others] of Object.entries(dependent))
      for (const other of Object.hasOwn(value, name) ? (others as readonly string[]) : [])
        if (!Object.hasOwn(value, other)) issues.push(issue([...path, other], `is missing, with ${name} there`));
    const patterns = Object.entries(isSchemaObject(patternProperties) ? patternProperties : {}).map(
      ([pattern, inner]) => ({ pattern: new RegExp(pattern, "u"), inner }),
    );
    for (const name of names) {
      const inside = [...path, name];
      if (propertyNames !== undefined) issues.push(...this.#check(propertyNames, name, inside));
      const own = isSchemaObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
      const matching = [...own, ...patterns.filter(({ pattern }) => pattern.test(name)).map(({ inner }) => inner)];
      if (matching.length === 0 && additionalProperties === false) issues.push(issue(inside, "is not allowed"));
      else if (matching.length === 0) issues.push(...this.#check(additionalProperties ?? true, value[name], inside));
      else for (const inner of matching) issues.push(...this.#check(inner, value[name], inside));
    }
    return issues;
  }

  #checkCombined(schema: Schema, value: unknown, path: Path): SchemaIssue[] {
    const { $ref, allOf, anyOf, oneOf, not } = schema;
    const issues: SchemaIssue[] = [];
    if (typeof $ref === "string") issues.push(...this.#check(findReference(this.#root, $ref), value, path));
    for (const inner of (allOf ?? []) as readonly unknown[]) issues.push(...this.#check(inner, value, path));
    if (Array.isArray(anyOf)) issues.push(...this.#checkAny(anyOf, value, path));
    if (Array.isArray(oneOf)) {
      const matching = oneOf.filter((inner) => this.#matches(inner, value)).length;
      if (matching === 0) issues.push(...this.#checkAny(oneOf, value, path));
      else if (matching > 1) issues.push(issue(path, `matches ${matching} of the alternatives, not one`));
    }
    if (not !== undefined && this.#matches(not, value)) issues.push(issue(path, "is what it must not be"));
    if (schema["if"] !== undefined) {
      const branch = this.#matches(schema["if"], value) ? schema["then"] : schema["else"];
      if (branch !== undefined) issues.push(...this.#check(branch, value, path));
    }
    return issues;
  }

  #checkAny(alternatives: readonly unknown[], value: unknown, path: Path): SchemaIssue[] {
    return alternatives.some((inner) => this.#matches(inner, value))
      ? []
      : [issue(path, "matches none of the alternatives")];
  }

  #matches(schema: unknown, value: unknown): boolean {
    return this.#check(schema, value, []).length === 0;
  }
}

/** As the specification counts: a pair of surrogates is one character. */
function codePoints(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

function issue(path: Path, message: string): SchemaIssue {
  return { message, path };
}

function issuesOf(path: Path, message: string | undefined): SchemaIssue[] {
  return message === undefined ? [] : [issue(path, message)];
}
