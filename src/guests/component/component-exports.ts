import type { ComponentDescription } from "../../engine/component/read-component.ts";
import { camelCase, unversioned } from "./glue-names.ts";
import { findResource } from "./resource-names.ts";

/** What a component that is run as a command exports, without version. */
export const RUN = "wasi:cli/run#run";

type Entry = (...values: readonly unknown[]) => unknown;

/** The names that a call may begin with: interfaces, with and without version, and functions. */
export function listExports({ exports }: ComponentDescription): readonly string[] {
  return exports.flatMap(({ name, kind }) => {
    if (kind === "function") return [name];
    if (kind !== "instance") return [];
    return unversioned(name) === name ? [name] : [name, unversioned(name)];
  });
}

/** Whether a component can be run. */
export function isRunnable({ exports }: ComponentDescription): boolean {
  return exports.some(({ name, kind }) => kind === "instance" && unversioned(name) === "wasi:cli/run");
}

/**
 * Finds "interface#function" or "function" among what the glue exports, and what belongs to a resource under its names in
 * WIT: "[constructor]item", "[method]item.get", "[static]item.make"; "[resource-drop]item" is `drop`.
 */
export function findExport(
  exports: Readonly<Record<string, unknown>>,
  name: string,
  drop: (object: unknown) => void = refuseDrop,
): Entry | undefined {
  const hash = name.indexOf("#");
  const member = /^\[(constructor|method|static|resource-drop)\]([a-z0-9-]+)(?:\.([a-z0-9-]+))?$/.exec(
    name.slice(hash + 1),
  );
  if (member !== null) return findMember(exports, member, hash < 0 ? "" : name.slice(0, hash), drop);
  if (hash < 0) return functionOf(exports, camelCase(name));
  const wanted = name.slice(0, hash);
  for (const [key, instance] of Object.entries(exports)) {
    if ((key === wanted || unversioned(key) === wanted) && typeof instance === "object" && instance !== null) {
      const found = functionOf(instance as Readonly<Record<string, unknown>>, camelCase(name.slice(hash + 1)));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** For those that hold no handles. */
function refuseDrop(): never {
  throw new TypeError("There is no such resource");
}

function findMember(
  exports: Readonly<Record<string, unknown>>,
  [, kind, resource = "", name = ""]: RegExpExecArray,
  from: string,
  drop: (object: unknown) => void,
): Entry | undefined {
  const type = findResource(exports, { from, name: resource });
  if (type === undefined || (name === "") !== (kind === "constructor" || kind === "resource-drop")) return undefined;
  const self = (object: unknown): object => {
    if (object instanceof type) return object;
    throw new TypeError(`The first argument is no handle of a ${resource} that the host holds`);
  };
  switch (kind) {
    case "constructor":
      return (...values) => Reflect.construct(type, values) as unknown;
    case "resource-drop":
      return (object) => drop(self(object));
    case "static":
      return functionOf(type, camelCase(name));
    default: {
      const method = functionOf(type.prototype as Readonly<Record<string, unknown>>, camelCase(name));
      return method && ((object, ...values) => method.apply(self(object), values));
    }
  }
}

function functionOf(object: Readonly<Record<string, unknown>>, name: string): Entry | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "function" ? (value as Entry) : undefined;
}
