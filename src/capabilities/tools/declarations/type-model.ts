/** What a JSON Schema says of a value, as far as a type can say it. */
export type TypeModel =
  | { readonly kind: "unknown" | "never" | "null" | "boolean" | "integer" | "number" | "string" }
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "array"; readonly items: TypeModel }
  | { readonly kind: "tuple"; readonly items: readonly TypeModel[]; readonly rest: TypeModel | undefined }
  | ObjectModel
  | { readonly kind: "union"; readonly of: readonly TypeModel[] }
  | { readonly kind: "intersection"; readonly of: readonly TypeModel[] }
  /** A definition by name. */
  | { readonly kind: "reference"; readonly name: string };

export interface ObjectModel {
  readonly kind: "object";
  readonly properties: readonly PropertyModel[];
  /** What other properties hold; undefined if the schema says nothing of them. */
  readonly rest: TypeModel | undefined;
}

export interface PropertyModel {
  readonly name: string;
  readonly type: TypeModel;
  readonly required: boolean;
  readonly description: string;
}

export const UNKNOWN: TypeModel = { kind: "unknown" };

/** One of several: without repetitions, and unknown if any is. */
export function unionOf(members: readonly TypeModel[]): TypeModel {
  const flat = members.flatMap((member) => (member.kind === "union" ? member.of : [member]));
  const distinct = new Map(flat.map((member) => [JSON.stringify(member), member]));
  distinct.delete(JSON.stringify({ kind: "never" }));
  const of = [...distinct.values()];
  if (of.some(({ kind }) => kind === "unknown")) return UNKNOWN;
  const [only] = of;
  if (only === undefined) return { kind: "never" };
  return of.length === 1 ? only : { kind: "union", of };
}

/** All of several: objects become one object, what says nothing is left out. */
export function intersectionOf(members: readonly TypeModel[]): TypeModel {
  const flat = members.flatMap((member) => (member.kind === "intersection" ? member.of : [member]));
  const objects = flat.filter((member) => member.kind === "object");
  const others = flat.filter(({ kind }) => kind !== "object" && kind !== "unknown");
  const merged = objects.length < 2 ? objects : [mergeObjects(objects)];
  const distinct = new Map([...merged, ...others].map((member) => [JSON.stringify(member), member]));
  const of = [...distinct.values()];
  const [only] = of;
  if (only === undefined) return UNKNOWN;
  return of.length === 1 ? only : { kind: "intersection", of };
}

export function mergeObjects(objects: readonly ObjectModel[]): ObjectModel {
  const properties = new Map<string, PropertyModel>();
  for (const property of objects.flatMap((object) => object.properties)) {
    const known = properties.get(property.name);
    properties.set(
      property.name,
      known === undefined
        ? property
        : {
            name: property.name,
            type: intersectionOf([known.type, property.type]),
            required: known.required || property.required,
            description: known.description || property.description,
          },
    );
  }
  const rest = objects.flatMap((object) => (object.rest === undefined ? [] : [object.rest]));
  return {
    kind: "object",
    properties: [...properties.values()],
    rest: rest.length === 0 ? undefined : intersectionOf(rest),
  };
}
