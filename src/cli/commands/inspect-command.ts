import { inspect } from "../../engine/index.ts";
import { findUnsealedImports } from "../../guests/sealed-imports.ts";
import type { UnsealedImport } from "../../guests/sealed-imports.ts";
import type { ModuleDescription } from "../../engine/index.ts";
import type { Command } from "./index.ts";
import { EXIT } from "../output/exit-codes.ts";
import { parseFlags } from "../input/flags.ts";
import { readBytes } from "../input/read-source.ts";
import { UsageError } from "../input/usage-error.ts";

const HELP = `Usage: wardian inspect FILE.wasm [--json]

Shows what a core module imports, exports and uses, and whether it is sealed:
whether every import is one that a sandbox can provide.

Exit code: 0 sealed, 1 not sealed.
`;

export const inspectCommand: Command = { summary: "show a module's imports and whether it is sealed", help: HELP, run };

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, { json: { type: "boolean" } });
  const [file, extra] = flags.positionals;
  if (file === undefined || extra !== undefined)
    throw new UsageError("inspect takes one file: wardian inspect FILE.wasm");
  const description = inspect(await readBytes(file));
  const unsealed = findUnsealedImports(description);
  if (flags.has("json"))
    process.stdout.write(`${JSON.stringify({ sealed: unsealed.length === 0, unsealed, ...description })}\n`);
  else process.stdout.write(render(description, unsealed));
  return unsealed.length === 0 ? EXIT.ok : EXIT.guestError;
}

function render(description: ModuleDescription, unsealed: readonly UnsealedImport[]): string {
  const lines = [
    `${description.byteLength} bytes, ${description.functions.defined} functions`,
    `features: ${description.features.join(", ") || "none beyond the first version of WebAssembly"}`,
    ...description.memories.map((memory) => `memory: ${memory.minimum} to ${memory.maximum ?? "unlimited"} pages`),
    `imports: ${description.imports.length}`,
    ...description.imports.map(
      ({ module, name, kind, type }) => `  ${kind.padEnd(8)} ${quote(module)} ${quote(name)}  ${type}`,
    ),
    `exports: ${description.exports.length}`,
    ...description.exports.map(({ name, kind }) => `  ${kind.padEnd(8)} ${quote(name)}`),
    unsealed.length === 0 ? "sealed: yes" : `sealed: no, ${unsealed.length} imports that no sandbox provides:`,
    ...unsealed.map(({ module, name, why }) => `  ${quote(module)} ${quote(name)}: ${why}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** Names in a module are hostile text: quoted and escaped, they can't forge a line of this listing. */
function quote(name: string): string {
  return JSON.stringify(name);
}
