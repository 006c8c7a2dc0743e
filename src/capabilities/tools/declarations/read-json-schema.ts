import { findReference } from "../json-schema/find-reference.ts";
import { intersectionOf, UNKNOWN, unionOf } from "./type-model.ts";
import type { ObjectModel, PropertyModel, TypeModel } from "./type-model.ts";

/** Schemas inside each other, and schemas in all: what is beyond is "unknown". */
const MAX_DEPTH = 64;
const MAX_SCHEMAS = 10_000;

type Schema = Readonly<Record<string, unknown>>;

/** Gives a definition a name of its own. */
export type NameDefinition = (hint: string) => string;

/** Types read from one JSON Schema: of the whole, and of what `$ref` names in it. */
export interface ReadTypes {
  readonly root: TypeModel;
  readonly definitions: ReadonlyMap<string, TypeModel>;
}

/**
 * Reads JSON Schema, draft 7 to 2020-12, and OpenAPI's `nullable`. Never throws: what cannot be read, or says what no type
 * can say, is "unknown". References lead only into the schema itself; nothing is fetched.
 */
export function readJsonSchema(schema: unknown, nameDefinition: NameDefinition): ReadTypes {
  const reader = new SchemaReader(schema, nameDefinition);
  try {
    return { root: reader.read(schema, 0), definitions: reader.definitions };
  } catch {
    return { root: UNKNOWN, definitions: new Map() }; // A getter or a proxy that throws.
  }
}

class SchemaReader {
  readonly definitions = new Map<string, TypeModel>();
  readonly #root: unknown;
  readonly #nameDefinition: NameDefinition;
  readonly #names = new Map<string, string>();
  #schemas = 0;

  constructor(root: unknown, nameDefinition: NameDefinition) {
    this.#root = root;
    this.#nameDefinition = nameDefinition;
  }

  read(schema: unknown, depth: number): TypeModel {
    this.#schemas++;
    if (schema === false) return { kind: "never" };
    if (!isObject(schema) || depth > MAX_DEPTH || this.#schemas > MAX_SCHEMAS) return UNKNOWN;
    const model = this.#readParts(schema, depth);
    return schema["nullable"] === true ? unionOf([model, { kind: "null" }]) : model;
  }

  #readParts(schema: Schema, depth: number): TypeModel {
    const { $ref, anyOf, oneOf, allOf } = schema;
    const parts: TypeModel[] = [];
    if (typeof $ref === "string") parts.push(this.#readReference($ref, depth));
    const own = this.#readOwn(schema, depth);
    if (own.kind !== "unknown") parts.push(own);
    for (const list of [anyOf, oneOf])
      if (Array.isArray(list)) parts.push(unionOf(list.map((item) => this.read(item, depth + 1))));
    if (Array.isArray(allOf)) parts.push(...allOf.map((item) => this.read(item, depth + 1)));
    return intersectionOf(parts);
  }

  #readOwn(schema: Schema, depth: number): TypeModel {
    if ("const" in schema) return literalOf(schema["const"]);
    if (Array.isArray(schema["enum"])) return unionOf(schema["enum"].map(literalOf));
    const { type } = schema;
    if (Array.isArray(type)) return unionOf(type.map((name) => this.#readType(schema, name, depth)));
    if (type !== undefined) return this.#readType(schema, type, depth);
    if (isObject(schema["properties"]) || "additionalProperties" in schema) return this.#readObject(schema, depth);
    if ("items" in schema || "prefixItems" in schema) return this.#readArray(schema, depth);
    return UNKNOWN;
  }

  #readType(schema: Schema, type: unknown, depth: number): TypeModel {
    switch (type) {
      case "object":
        return this.#readObject(schema, depth);
      case "array":
        return this.#readArray(schema, depth);
      case "string":
      case "number":
      case "integer":
      case "boolean":
      case "null":
        return { kind: type };
      default:
        return UNKNOWN;
    }
  }

  #readObject(schema: Schema, depth: number): ObjectModel {
    const { properties, required, additionalProperties } = schema;
    const names: readonly unknown[] = Array.isArray(required) ? required : [];
    const read = Object.entries(isObject(properties) ? properties : {}).map(([name, property]): PropertyModel => ({
      name,
      type: this.read(property, depth + 1),
      required: names.includes(name),
      description: descriptionOf(property),
    }));
    const rest =
      additionalProperties === undefined || additionalProperties === false
        ? undefined
        : this.read(additionalProperties, depth + 1);
    return { kind: "object", properties: read, rest };
  }

  #readArray({ items, prefixItems, additionalItems }: Schema, depth: number): TypeModel {
    // The draft 2020-12 form, and that of the drafts before.
    const [heads, tail] = Array.isArray(prefixItems)
      ? [prefixItems, items]
      : Array.isArray(items)
        ? [items, additionalItems]
        : [undefined, items];
    if (heads === undefined) return { kind: "array", items: this.read(tail ?? true, depth + 1) };
    const rest = tail === undefined || tail === false ? undefined : this.read(tail, depth + 1);
    return { kind: "tuple", items: heads.map((item) => this.read(item, depth + 1)), rest };
  }

  #readReference(ref: string, depth: number): TypeModel {
    const known = this.#names.get(ref);
    if (known !== undefined) return { kind: "reference", name: known };
    const target = findReference(this.#root, ref);
    if (target === undefined) return UNKNOWN;
    const name = this.#nameDefinition(ref === "#" ? "" : (ref.split("/").at(-1) ?? ""));
    // Before its schema is read: a definition may lead back to itself.
    this.#names.set(ref, name);
    this.definitions.set(name, UNKNOWN);
    this.definitions.set(name, this.read(target, depth + 1));
    return { kind: "reference", name };
  }
}

function literalOf(value: unknown): TypeModel {
  if (value === null) return { kind: "null" };
  if (typeof value === "string" || typeof value === "boolean") return { kind: "literal", value };
  return typeof value === "number" && Number.isFinite(value) ? { kind: "literal", value } : UNKNOWN;
}

function descriptionOf(schema: unknown): string {
  const description = isObject(schema) ? schema["description"] : undefined;
  return typeof description === "string" ? description : "";
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}
