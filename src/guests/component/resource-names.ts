import { camelCase, unversioned } from "./glue-names.ts";

/** A resource class of the glue's, or anything else that it exports. */
export type ResourceClass = (abstract new (...args: never[]) => object) & Readonly<Record<string, unknown>>;

type Exports = Readonly<Record<string, unknown>>;

/** A resource of a component's: the export that it belongs to (empty for the world itself) and its name in WIT. */
export interface ResourceName {
  readonly from: string;
  readonly name: string;
}

/** "order-line" as jco's glue names the class: "OrderLine". */
export function classNameOf(resource: string): string {
  const name = camelCase(resource);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** The class of a resource; undefined if the component exports none of that name. */
export function findResource(exports: Exports, { from, name }: ResourceName): ResourceClass | undefined {
  const className = classNameOf(name);
  if (from === "") return classOf(exports, className);
  for (const [key, instance] of Object.entries(exports)) {
    if (key !== from && unversioned(key) !== from) continue;
    if (typeof instance !== "object" || instance === null) continue;
    const found = classOf(instance as Exports, className);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Which exported resource an object is; undefined for one of a resource that has no name outside. */
export function nameResource(exports: Exports, object: object): ResourceName | undefined {
  for (const [key, item] of Object.entries(exports)) {
    if (isClassOf(item, object)) return { from: "", name: kebabCase(key) };
    if (typeof item !== "object" || item === null || !key.includes(":")) continue;
    for (const [name, type] of Object.entries(item))
      if (isClassOf(type, object)) return { from: unversioned(key), name: kebabCase(name) };
  }
  return undefined;
}

function isClassOf(type: unknown, object: object): boolean {
  return typeof type === "function" && type.prototype === Object.getPrototypeOf(object);
}

function classOf(exports: Exports, name: string): ResourceClass | undefined {
  const found = Object.hasOwn(exports, name) ? exports[name] : undefined;
  return typeof found === "function" && typeof found.prototype === "object" ? (found as ResourceClass) : undefined;
}

function kebabCase(className: string): string {
  return className.replaceAll(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
