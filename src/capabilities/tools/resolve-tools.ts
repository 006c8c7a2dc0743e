import { WardianError } from "../../errors.ts";
import { tool } from "./tool.ts";
import type { Tool } from "./tool.ts";

/** Tool names become attributes in the guest languages, so they are plain identifiers. */
const TOOL_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** For a component they are the names of what it imports: "interface#function". */
const IMPORT_NAME = /^[A-Za-z_][A-Za-z0-9_:/@.+#[\]-]{0,255}$/;

/**
 * Checks the `tools` option. Names may be anything that is an identifier, `constructor` included: they are kept in a Map.
 *
 * @throws TypeError for what is not a tool, WardianError "invalid-option" for a name that is not an identifier.
 */
export function resolveTools(tools: unknown, action: string, forImports = false): ReadonlyMap<string, Tool> {
  const resolved = new Map<string, Tool>();
  if (tools === undefined) return resolved;
  if (typeof tools !== "object" || tools === null || Array.isArray(tools)) {
    throw new TypeError(`${action}: tools must be an object of name → tool(…)`);
  }
  for (const [name, candidate] of Object.entries(tools) as [string, unknown][]) {
    if (!(forImports ? IMPORT_NAME : TOOL_NAME).test(name)) {
      throw new WardianError(
        "invalid-option",
        `${action}: tool name "${name.slice(0, 60)}" is not an identifier of at most 128 letters, digits and "_"`,
      );
    }
    if (typeof candidate !== "object" || candidate === null || typeof (candidate as Tool).run !== "function") {
      throw new TypeError(`${action}: tools.${name} is not a tool; make it with tool({ run })`);
    }
    // What tool() made passes unchanged; an object of the same shape gets its defaults.
    resolved.set(name, tool(candidate as Parameters<typeof tool>[0]));
  }
  return resolved;
}
