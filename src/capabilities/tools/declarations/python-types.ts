import { oneLine, quoted } from "./neutral-text.ts";
import { isPythonName } from "./python-keywords.ts";
import type { ReadTypes } from "./read-json-schema.ts";
import { intersectionOf, mergeObjects, unionOf } from "./type-model.ts";
import type { ObjectModel, PropertyModel, TypeModel } from "./type-model.ts";

export interface PythonTypesOptions {
  /** Names the class that stands for an object. */
  readonly name: (hint: string) => string;
  /** Whether a tuple is written as one, or as the list that it is in JSON. */
  readonly tuples: boolean;
}

/** Writes the types of one schema: annotations, and the definitions that they use. */
export class PythonTypes {
  readonly types: ReadTypes;
  readonly #options: PythonTypesOptions;
  readonly #classes: string[] = [];

  constructor(types: ReadTypes, options: PythonTypesOptions) {
    this.types = types;
    this.#options = options;
  }

  /** An annotation. `hint` becomes part of the name of a class that it needs. */
  text(model: TypeModel, hint: string): string {
    switch (model.kind) {
      case "unknown":
        return "Any";
      case "never":
        return "Never";
      case "null":
        return "None";
      case "boolean":
        return "bool";
      case "integer":
        return "int";
      case "number":
        return "float";
      case "string":
        return "str";
      case "literal":
        return literal(model.value);
      case "array":
        return `list[${this.text(model.items, hint)}]`;
      case "tuple":
        return this.#tuple(model, hint);
      case "object":
        return this.#object(model, hint);
      case "union":
        return this.#union(model.of, hint);
      case "intersection":
        return this.#intersection(model.of, hint);
      case "reference":
        return model.name;
    }
  }

  /** Everything that `text` has named so far, and what the schema itself defines. */
  definitions(): readonly string[] {
    const own = [...this.types.definitions].map(([name, model]) =>
      model.kind === "object" && model.properties.length > 0
        ? this.#typedDict(name, model)
        : // Lazy: it may name what comes later, and itself.
          `type ${name} = ${this.text(model, name)}`,
    );
    return [...this.#classes, ...own];
  }

  /** Literals stand together, at the place of the first. */
  #union(members: readonly TypeModel[], hint: string): string {
    const texts = members.map((item) => this.text(item, hint));
    const literals = texts.filter((text) => text.startsWith(LITERAL)).map((text) => text.slice(LITERAL.length, -1));
    const merged = texts.map((text) => (text.startsWith(LITERAL) ? `${LITERAL}${literals.join(", ")}]` : text));
    return [...new Set(merged)].join(" | ");
  }

  #tuple({ items, rest }: Extract<TypeModel, { readonly kind: "tuple" }>, hint: string): string {
    if (!this.#options.tuples || rest !== undefined)
      return `list[${this.text(unionOf(rest === undefined ? items : [...items, rest]), hint)}]`;
    return items.length === 0 ? "tuple[()]" : `tuple[${items.map((item) => this.text(item, hint)).join(", ")}]`;
  }

  #object(model: ObjectModel, hint: string): string {
    if (model.properties.length === 0)
      return `dict[str, ${model.rest === undefined ? "Any" : this.text(model.rest, hint)}]`;
    const name = this.#options.name(hint);
    // Its place first: classes of properties come behind.
    const index = this.#classes.push("") - 1;
    this.#classes[index] = this.#typedDict(name, model);
    return name;
  }

  #typedDict(name: string, { properties }: ObjectModel): string {
    // In the body of a class a name with two underscores would become another one.
    return properties.every((property) => isPythonName(property.name) && !property.name.startsWith("__"))
      ? `class ${name}(TypedDict):\n${properties.map((property) => this.#field(property)).join("\n")}`
      : `${name} = TypedDict(${quoted(name)}, {\n${properties.map((property) => this.#item(property)).join("\n")}\n})`;
  }

  #field(property: PropertyModel): string {
    return `${note(property)}    ${property.name}: ${this.#fieldType(property)}`;
  }

  /** Quoted, since this form is evaluated at once and may name what comes later. */
  #item(property: PropertyModel): string {
    return `${note(property)}    ${quoted(property.name)}: ${quoted(this.#fieldType(property))},`;
  }

  #fieldType({ name, type, required }: PropertyModel): string {
    const text = this.text(type, name);
    return required ? text : `NotRequired[${text}]`;
  }

  /** Python has no intersection types: objects are merged, of anything else the first stands for all. */
  #intersection(members: readonly TypeModel[], hint: string): string {
    const resolved = members.map((member) => this.#resolve(member));
    const objects = resolved.filter((member) => member.kind === "object");
    const [first] = resolved;
    if (objects.length === resolved.length) return this.#object(mergeObjects(objects), hint);
    return this.text(first ?? intersectionOf([]), hint);
  }

  #resolve(model: TypeModel): TypeModel {
    return (model.kind === "reference" ? this.types.definitions.get(model.name) : undefined) ?? model;
  }
}

const LITERAL = "Literal[";

/** `Literal` takes no floats. */
function literal(value: string | number | boolean): string {
  if (typeof value === "string") return `${LITERAL}${quoted(value)}]`;
  if (typeof value === "boolean") return `${LITERAL}${value ? "True" : "False"}]`;
  return Number.isSafeInteger(value) ? `${LITERAL}${Object.is(value, -0) ? 0 : value}]` : "float";
}

function note({ description }: PropertyModel): string {
  const text = oneLine(description);
  return text === "" ? "" : `    # ${text}\n`;
}
