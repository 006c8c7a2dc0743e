import type { Tool } from "../tool.ts";
import { DefinitionNames } from "./definition-names.ts";
import { docstringText, oneLine, quoted } from "./neutral-text.ts";
import { isPythonName } from "./python-keywords.ts";
import { PythonTypes } from "./python-types.ts";
import { readJsonSchema } from "./read-json-schema.ts";
import type { ReadTypes } from "./read-json-schema.ts";
import { schemaOfTool } from "./schema-of-tool.ts";
import type { TypeModel } from "./type-model.ts";

const IMPORTS = "from typing import Any, Literal, Never, NotRequired, TypedDict";
const RESERVED = ["Any", "Literal", "Never", "NotRequired", "Tools", "TypedDict", "None", "True", "False"];

/** What `tools` is in a Python guest. */
export function pythonDeclarations(tools: ReadonlyMap<string, Tool>): string {
  const names = new DefinitionNames(RESERVED);
  const definitions: string[] = [];
  const methods: string[] = [];
  for (const [name, tool] of tools) {
    const input = new PythonTypes(
      readSide(tool, "input", (hint) => names.take(name, "Input", hint)),
      {
        name: (hint) => names.take(name, "Input", hint),
        tuples: true,
      },
    );
    const result = new PythonTypes(
      readSide(tool, "output", (hint) => names.take(name, "Result", hint)),
      {
        name: (hint) => names.take(name, "Result", hint),
        // JSON has no tuples: what comes back is a list.
        tuples: false,
      },
    );
    const returns = result.text(result.types.root, "");
    methods.push(method(name, tool, parameters(input), returns));
    definitions.push(...input.definitions(), ...result.definitions());
  }
  const head = '    """A failed call raises wardian.ToolError, whose `code` tells why."""';
  return `${[IMPORTS, ...definitions, `class Tools:\n${[head, ...methods].join("\n\n")}`, "tools: Tools"].join("\n\n\n")}\n`;
}

const NOTHING_SAID: ReadTypes = { root: { kind: "unknown" }, definitions: new Map() };

function readSide(tool: Tool, side: "input" | "output", name: (hint: string) => string): ReadTypes {
  const schema = schemaOfTool(tool, side);
  return schema === undefined ? NOTHING_SAID : readJsonSchema(schema, name);
}

function method(name: string, { description }: Tool, given: string, returns: string): string {
  const text = docstringText(description);
  if (isPythonName(name))
    return `    async def ${name}(self${given}) -> ${returns}:\n        """${text === "" ? `Calls the tool ${name}.` : text}"""`;
  // A keyword: the tool is reached as an item.
  return `    # Called as tools[${quoted(name)}](...)\n    async def ${name}_(self${given}) -> ${returns}:\n        """${text}"""`;
}

/** Keyword arguments if they can be written as such, else one dict. */
function parameters(input: PythonTypes): string {
  const { root } = input.types;
  if (root.kind === "unknown") return ", **arguments: Any";
  if (root.kind !== "object") return `, arguments: ${input.text(root, "")}, /`;
  const named = root.properties;
  if (named.some(({ name }) => !isPythonName(name) || name === "self" || name.startsWith("__")))
    return `, arguments: ${input.text(root, "")}, /`;
  if (named.length === 0) return root.rest === undefined ? "" : `, **arguments: ${input.text(root.rest, "")}`;
  const parts = named.map(
    ({ name, type, required, description }) =>
      `${note(description)}${name}: ${input.text(type, name)}${required ? "" : " = ..."},`,
  );
  if (root.rest !== undefined && isSaid(root.rest) && !named.some(({ name }) => name === "others"))
    parts.push(`**others: ${input.text(root.rest, "")},`);
  const isPlain = named.every(({ description }) => description === "");
  return isPlain
    ? `, *, ${parts.join(" ").replace(/,$/, "")}`
    : `,\n        *,\n${parts.map((part) => `        ${part}\n`).join("")}    `;
}

function isSaid(model: TypeModel): boolean {
  return model.kind !== "unknown";
}

function note(description: string): string {
  const text = oneLine(description);
  return text === "" ? "" : `# ${text}\n        `;
}
