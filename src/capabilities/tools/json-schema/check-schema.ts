import { findReference } from "./find-reference.ts";
import { COUNTS, isSchemaObject, KNOWN, NUMBERS, ONE_SCHEMA, SCHEMA_LISTS, SCHEMA_MAPS, TYPES } from "./keywords.ts";
import type { Schema } from "./keywords.ts";

/** Schemas inside each other. */
const MAX_DEPTH = 100;

/**
 * Looks a schema over before it is used.
 *
 * @throws TypeError that names the place for what is no schema, and for keywords that would not be checked.
 */
export function checkSchema(schema: unknown, root: unknown, place: string, depth = 0): void {
  if (typeof schema === "boolean") return;
  if (!isSchemaObject(schema)) throw wrong(place, "a schema is an object or a boolean");
  if (depth > MAX_DEPTH) throw wrong(place, `schemas nest deeper than ${MAX_DEPTH} levels`);
  for (const keyword of Object.keys(schema))
    if (!KNOWN.has(keyword)) throw wrong(place, `the keyword "${keyword}" is not supported`);
  checkValues(schema, root, place);
  const visit = (inner: unknown, name: string): void => checkSchema(inner, root, `${place}/${name}`, depth + 1);
  for (const keyword of ONE_SCHEMA) if (schema[keyword] !== undefined) visit(schema[keyword], keyword);
  for (const keyword of SCHEMA_LISTS) visitList(schema[keyword], keyword, place, visit);
  // Draft 7 has a list here for what is `prefixItems` now.
  if (Array.isArray(schema["items"])) visitList(schema["items"], "items", place, visit);
  else if (schema["items"] !== undefined) visit(schema["items"], "items");
  for (const keyword of SCHEMA_MAPS) {
    const map = schema[keyword];
    if (map === undefined) continue;
    if (!isSchemaObject(map)) throw wrong(place, `${keyword} must be an object of schemas`);
    for (const [name, inner] of Object.entries(map)) visit(inner, `${keyword}/${name}`);
  }
}

function visitList(list: unknown, keyword: string, place: string, visit: (inner: unknown, name: string) => void): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw wrong(place, `${keyword} must be a list of schemas`);
  for (const [index, inner] of list.entries()) visit(inner, `${keyword}/${index}`);
}

function checkValues(schema: Schema, root: unknown, place: string): void {
  const { type, pattern, required, $ref, patternProperties } = schema;
  const types: readonly unknown[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  for (const name of types) if (!TYPES.includes(name)) throw wrong(place, `${JSON.stringify(name)} is not a type`);
  if (schema["enum"] !== undefined && !Array.isArray(schema["enum"])) throw wrong(place, "enum must be a list");
  if (required !== undefined && !isListOfNames(required)) throw wrong(place, "required must be a list of names");
  const dependent = schema["dependentRequired"];
  if (dependent !== undefined && !(isSchemaObject(dependent) && Object.values(dependent).every(isListOfNames)))
    throw wrong(place, "dependentRequired must be an object of lists of names");
  for (const keyword of COUNTS)
    if (schema[keyword] !== undefined && !(Number.isSafeInteger(schema[keyword]) && (schema[keyword] as number) >= 0))
      throw wrong(place, `${keyword} must be a whole number, 0 or more`);
  for (const keyword of NUMBERS)
    if (schema[keyword] !== undefined && !Number.isFinite(schema[keyword]))
      throw wrong(place, `${keyword} must be a number`);
  if (schema["multipleOf"] !== undefined && !((schema["multipleOf"] as number) > 0))
    throw wrong(place, "multipleOf must be above 0");
  if (pattern !== undefined) checkPattern(pattern, place);
  if (isSchemaObject(patternProperties)) for (const name of Object.keys(patternProperties)) checkPattern(name, place);
  if ($ref !== undefined && (typeof $ref !== "string" || findReference(root, $ref) === undefined))
    throw wrong(place, `$ref ${JSON.stringify($ref)} leads to nothing in this schema`);
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function checkPattern(pattern: unknown, place: string): void {
  if (typeof pattern !== "string") throw wrong(place, "a pattern must be text");
  try {
    // oxlint-disable-next-line no-new -- whether it is one
    new RegExp(pattern, "u");
  } catch {
    throw wrong(place, `${JSON.stringify(pattern)} is not a regular expression`);
  }
}

function wrong(place: string, what: string): TypeError {
  return new TypeError(`Cannot use a JSON Schema: at ${place}, ${what}`);
}
