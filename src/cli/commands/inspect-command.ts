import { findUnsealedImports } from "../../guests/sealed-imports.ts";
import { isSealed, reportImports } from "../../guests/served-imports.ts";
import type { BinaryReport, ServedImport } from "../../guests/served-imports.ts";
import type { Command } from "./index.ts";
import { EXIT } from "../output/exit-codes.ts";
import { parseFlags } from "../input/flags.ts";
import { readBytes } from "../input/read-source.ts";
import { UsageError } from "../input/usage-error.ts";

const HELP = `Usage: wardian inspect FILE.wasm [--json]

Shows what a core module or component imports and exports, which capability of a sandbox serves each import, and
whether it loads: whether every import is one that a sandbox can provide.

Exit code: 0 it loads (with the tools that are named), 1 it does not.
`;

export const inspectCommand: Command = {
  summary: "show a binary's imports, what serves them, and whether it loads",
  help: HELP,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, { json: { type: "boolean" } });
  const [file, extra] = flags.positionals;
  if (file === undefined || extra !== undefined)
    throw new UsageError("inspect takes one file: wardian inspect FILE.wasm");
  const report = reportImports(await readBytes(file));
  process.stdout.write(flags.has("json") ? `${JSON.stringify(toJson(report))}\n` : `${render(report).join("\n")}\n`);
  return isSealed(report) ? EXIT.ok : EXIT.guestError;
}

function toJson(report: BinaryReport): unknown {
  const sealed = isSealed(report);
  if (report.kind === "module") {
    const unsealed = findUnsealedImports(report.module);
    return { kind: report.kind, sealed, unsealed, served: report.imports, ...report.module };
  }
  const { byteLength, exports, modules } = report.component;
  return { kind: report.kind, sealed, served: report.imports, byteLength, exports, coreModules: modules.length };
}

function render(report: BinaryReport): readonly string[] {
  const sealed = isSealed(report);
  const unserved = report.imports.filter(({ by, tool }) => by === undefined && tool === undefined);
  const tools = report.imports.flatMap(({ tool }) => (tool === undefined ? [] : [tool]));
  return [
    ...(report.kind === "module" ? renderModule(report.module) : renderComponent(report.component)),
    `imports: ${report.imports.length}`,
    ...report.imports.map((item) => `  ${renderName(item)}: ${renderService(item)}`),
    ...(sealed
      ? [`sealed: yes${tools.length === 0 ? "" : `, with the tools ${tools.map(quote).join(", ")}`}`]
      : [
          `sealed: no, ${unserved.length} imports that no sandbox provides:`,
          ...unserved.map((item) => `  ${renderName(item)}: ${item.why ?? ""}`),
        ]),
  ];
}

function renderModule(module: Extract<BinaryReport, { kind: "module" }>["module"]): readonly string[] {
  return [
    `${module.byteLength} bytes, ${module.functions.defined} functions`,
    `features: ${module.features.join(", ") || "none beyond the first version of WebAssembly"}`,
    ...module.memories.map((memory) => `memory: ${memory.minimum} to ${memory.maximum ?? "unlimited"} pages`),
    `exports: ${module.exports.length}`,
    ...module.exports.map(({ name, kind, type }) => `  ${kind.padEnd(8)} ${quote(name)}  ${type}`),
  ];
}

function renderComponent(component: Extract<BinaryReport, { kind: "component" }>["component"]): readonly string[] {
  return [
    `${component.byteLength} bytes, a component of ${component.modules.length} core modules`,
    `exports: ${component.exports.length}`,
    ...component.exports.map(({ name, kind }) => `  ${kind.padEnd(8)} ${quote(name)}`),
  ];
}

function renderName({ module, name }: ServedImport): string {
  return [module, name]
    .filter((part) => part !== "")
    .map(quote)
    .join(" ");
}

function renderService({ by, tool }: ServedImport): string {
  if (by !== undefined) return by;
  return tool === undefined ? "nothing" : `a tool named ${quote(tool)}`;
}

/** Names in a module are hostile text: quoted and escaped, they can't forge a line of this listing. */
function quote(name: string): string {
  return JSON.stringify(name);
}
