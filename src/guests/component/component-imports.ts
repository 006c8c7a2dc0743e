import type { ComponentDescription, ComponentImport } from "../../engine/component/read-component.ts";
import { WardianError } from "../../errors.ts";
import type { Preview2Host } from "../../wasi/preview2/host/preview2-host.ts";
import type { Interfaces } from "../../wasi/preview2/interfaces.ts";
import { preview2Imports } from "../../wasi/preview2/preview2-imports.ts";
import type { GuestContext } from "../guest.ts";
import { servedBy } from "../../wasi/preview2/served-interfaces.ts";
import { unversioned } from "./glue-names.ts";
import { hostInterfaces, hostServes } from "./host-interfaces.ts";
import { toolImport, toolNames } from "./tool-imports.ts";

/**
 * The import object of one component: WASI over the host, what is our own over the capabilities, the rest by tools.
 * `later`: see `hostInterfaces`.
 */
export function componentImports(
  { imports }: ComponentDescription,
  host: Preview2Host,
  { capabilities, fuel }: GuestContext,
  later?: (number: number) => void,
): Interfaces {
  const ours = { ...preview2Imports(host), ...hostInterfaces(capabilities, fuel, later) };
  const given = Object.create(null) as Record<string, Readonly<Record<string, unknown>>>;
  for (const item of imports) {
    if (item.kind !== "instance" && item.kind !== "function") continue;
    const name = unversioned(item.name);
    given[name] = ours[name] ?? toolImport(item, capabilities.tools, fuel);
  }
  return given;
}

/**
 * Checks that everything that a component imports is there.
 *
 * @throws WardianError "unsealed-module" that lists what is not, each with what would serve it.
 */
export function refuseUnservedImports({ imports }: ComponentDescription, tools: readonly string[]): void {
  const missing = imports.flatMap((item) => unserved(item, new Set(tools)));
  if (missing.length === 0) return;
  const more = missing.length > MAX_NAMED ? ` and ${missing.length - MAX_NAMED} more` : "";
  throw new WardianError(
    "unsealed-module",
    `Cannot load the component: it is not sealed: it imports ${missing.slice(0, MAX_NAMED).join(", ")}${more}, which this sandbox does not provide`,
  );
}

/** Names in a message; a component may import thousands. */
const MAX_NAMED = 10;

function unserved(item: ComponentImport, tools: ReadonlySet<string>): readonly string[] {
  const { name, kind } = item;
  if (kind === "type" || (kind === "instance" && (servedBy(name) ?? hostServes(name)) !== undefined)) return [];
  if (kind !== "instance" && kind !== "function") return [`the ${kind} "${name}"`];
  if (name.startsWith("wasi:")) return [`"${name}"`];
  return (
    [...item.functions.keys()]
      // A method of a resource of the host's can be no tool.
      .filter((fn) => fn.startsWith("[") || !toolNames(item, fn).some((tool) => tools.has(tool)))
      .map((fn) => {
        const [tool] = toolNames(item, fn).slice(-1);
        return `"${name}"${fn === "" ? "" : ` "${fn}"`} (a tool named "${tool}" would serve it)`;
      })
  );
}
