import { quoted } from "../packages/package-error.ts";
import type { Linkage } from "./linkage.ts";
import { linkError } from "./link-error.ts";
import { unknownImports } from "./prepare-side-module.ts";
import type { SideModule, SideModules } from "./side-module.ts";

/** Deeper is a cycle, or made to hurt. */
const MAX_NEEDED = 1_000;

/**
 * Finds the libraries that each module needs among the packages, and checks that everything it imports is there, of the right
 * type: so that a module that loads links.
 *
 * @throws WardianError "unsealed-module" that lists what is missing, "invalid-package" for a library that is not there
 */
export function resolveSymbols(modules: ReadonlyMap<string, SideModule>, linkage: Linkage): SideModules {
  const direct = new Map(
    Array.from(modules.values(), (side) => [side.path, side.info.needed.map((name) => libraryOf(side, name, modules))]),
  );
  const needs = new Map(Array.from(modules.keys(), (path) => [path, needsOf(path, direct)]));
  for (const side of modules.values()) {
    const libraries = (needs.get(side.path) ?? []).flatMap((path) => modules.get(path) ?? []);
    checkImports(side, libraries, linkage);
  }
  return { modules, needs };
}

/** A needed library: on the module's own search path, else the one of that name in the packages. */
function libraryOf(side: SideModule, name: string, modules: ReadonlyMap<string, SideModule>): string {
  const folder = side.path.split("/").slice(0, -1).join("/");
  for (const place of side.info.runtimePaths) {
    const path = normalise(`${place.replace(/^\$ORIGIN/, folder)}/${name}`);
    if (modules.has(path)) return path;
  }
  const beside = normalise(`${folder}/${name}`);
  if (modules.has(beside)) return beside;
  const found = [...modules.keys()].filter((path) => path.split("/").at(-1) === name);
  const [path, second] = found;
  if (path === undefined) throw linkError(side.path, `it needs the library ${quoted(name)}, which no package has`);
  if (second !== undefined)
    throw linkError(side.path, `it needs the library ${quoted(name)}, which more than one package has`);
  return path;
}

function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** All that a module needs, each behind what it needs itself. */
function needsOf(start: string, direct: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const order: string[] = [];
  const seen = new Set([start]);
  const visit = (path: string, depth: number): void => {
    if (depth > MAX_NEEDED) throw linkError(start, "the libraries that it needs are nested too deeply");
    for (const library of direct.get(path) ?? []) {
      if (seen.has(library)) continue;
      seen.add(library);
      visit(library, depth + 1);
      order.push(library);
    }
  };
  visit(start, 0);
  return order;
}

function checkImports(side: SideModule, libraries: readonly SideModule[], { functions, data, tags }: Linkage): void {
  const missing: string[] = [];
  const typeOf = (name: string): string | undefined =>
    functions.get(name)?.type ??
    libraries.find((library) => library.functions.has(name))?.functions.get(name) ??
    side.functions.get(name);
  for (const { name, type } of side.functionImports) {
    const found = typeOf(name);
    if (found === undefined && !side.info.weak.has(name)) missing.push(quoted(name));
    else if (found !== undefined && found !== type)
      missing.push(`${quoted(name)} (of type ${type} where it is ${found})`);
  }
  for (const { name, type } of side.tags) if (tags.get(name) !== type) missing.push(`${quoted(name)} (tag)`);
  for (const name of side.functionAddresses)
    if (typeOf(name) === undefined && !side.info.weak.has(name)) missing.push(quoted(name));
  for (const name of side.dataAddresses) {
    const found = data.has(name) || side.data.has(name) || libraries.some((library) => library.data.has(name));
    if (!found && !side.info.weak.has(name)) missing.push(`${quoted(name)} (data)`);
  }
  if (missing.length > 0) throw unknownImports(side.path, missing);
}
