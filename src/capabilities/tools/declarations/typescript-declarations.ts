import type { Tool } from "../tool.ts";
import { DefinitionNames } from "./definition-names.ts";
import { blockCommentText, quoted } from "./neutral-text.ts";
import { readJsonSchema } from "./read-json-schema.ts";
import type { ReadTypes } from "./read-json-schema.ts";
import { schemaOfTool } from "./schema-of-tool.ts";
import type { ObjectModel, TypeModel } from "./type-model.ts";

const HEAD = `/** Why a tool call failed. */
declare class ToolError extends Error {
  readonly code: "failed" | "denied" | "limit" | "unknown" | "invalid-arguments" | "invalid-result";
}`;

/** Names of the head, and of types that are meant where they are written. */
const RESERVED = ["ToolError", "Error", "Promise", "Record"];

/** What `tools` is in a JavaScript or TypeScript guest. */
export function typescriptDeclarations(tools: ReadonlyMap<string, Tool>): string {
  const names = new DefinitionNames(RESERVED);
  const definitions: string[] = [];
  const methods: string[] = [];
  for (const [name, tool] of tools) {
    const input = typesOf(tool, "input", (hint) => names.take(name, "Input", hint));
    const result = typesOf(tool, "output", (hint) => names.take(name, "Result", hint));
    for (const types of [input, result])
      for (const [definition, model] of types?.definitions ?? [])
        definitions.push(`type ${definition} = ${typeText(model, "")};`);
    methods.push(
      `${comment(tool.description, "  ")}  ${methodName(name)}(${parameter(input?.root)}): Promise<${typeText(result?.root, "  ")}>;`,
    );
  }
  return `${[HEAD, ...definitions, `declare const tools: {\n${methods.join("\n")}\n};`].join("\n\n")}\n`;
}

function typesOf(tool: Tool, side: "input" | "output", name: (hint: string) => string): ReadTypes | undefined {
  const schema = schemaOfTool(tool, side);
  return schema === undefined ? undefined : readJsonSchema(schema, name);
}

/** Unquoted, these would be the signature of a constructor. */
function methodName(name: string): string {
  return name === "new" || name === "constructor" ? `"${name}"` : name;
}

function parameter(model: TypeModel | undefined): string {
  if (model === undefined || model.kind === "unknown") return "input?: Record<string, unknown>";
  const optional = model.kind === "object" && model.properties.every(({ required }) => !required);
  return `input${optional ? "?" : ""}: ${typeText(model, "  ")}`;
}

function typeText(model: TypeModel | undefined, indent: string): string {
  if (model === undefined) return "unknown";
  switch (model.kind) {
    case "integer":
      return "number";
    case "literal":
      return typeof model.value === "string" ? quoted(model.value) : String(model.value);
    case "array":
      return `${grouped(model.items, indent)}[]`;
    case "tuple": {
      const items = model.items.map((item) => typeText(item, indent));
      if (model.rest !== undefined) items.push(`...${grouped(model.rest, indent)}[]`);
      return `[${items.join(", ")}]`;
    }
    case "object":
      return objectText(model, indent);
    case "union":
      return model.of.map((item) => grouped(item, indent)).join(" | ");
    case "intersection":
      return model.of.map((item) => grouped(item, indent)).join(" & ");
    case "reference":
      return model.name;
    default:
      return model.kind;
  }
}

function grouped(model: TypeModel, indent: string): string {
  const text = typeText(model, indent);
  const isCompound =
    model.kind === "union" || model.kind === "intersection" || (model.kind === "object" && text.includes(" & "));
  return isCompound ? `(${text})` : text;
}

/** In one line, unless something is said of a property. */
function objectText({ properties, rest }: ObjectModel, indent: string): string {
  const record = rest === undefined ? undefined : `Record<string, ${typeText(rest, indent)}>`;
  if (properties.length === 0) return record ?? "Record<string, unknown>";
  const inner = `${indent}  `;
  const members = properties.map(({ name, type, required, description }) => ({
    said: comment(description, inner),
    text: `${propertyName(name)}${required ? "" : "?"}: ${typeText(type, inner)}`,
  }));
  const object = members.every(({ said }) => said === "")
    ? `{ ${members.map(({ text }) => text).join("; ")} }`
    : `{\n${members.map(({ said, text }) => `${said}${inner}${text};\n`).join("")}${indent}}`;
  // Not an index signature: that would have to hold for the named properties too.
  return record === undefined || rest?.kind === "unknown" ? object : `${object} & ${record}`;
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

function comment(description: string, indent: string): string {
  const text = blockCommentText(description);
  return text === "" ? "" : `${indent}/** ${text} */\n`;
}
