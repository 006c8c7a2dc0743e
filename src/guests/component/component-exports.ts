import type { ComponentDescription } from "../../engine/component/read-component.ts";
import { camelCase, unversioned } from "./glue-names.ts";

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

/** Finds "interface#function" or "function" among what the glue exports. */
export function findExport(exports: Readonly<Record<string, unknown>>, name: string): Entry | undefined {
  const hash = name.indexOf("#");
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

function functionOf(object: Readonly<Record<string, unknown>>, name: string): Entry | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "function" ? (value as Entry) : undefined;
}
