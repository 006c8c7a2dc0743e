import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { componentTypes } from "../../guests/component/component-types.ts";
import { isComponent } from "../../guests/module/guest-module.ts";
import type { Command } from "./index.ts";
import { EXIT } from "../output/exit-codes.ts";
import { parseFlags } from "../input/flags.ts";
import { readBytes } from "../input/read-source.ts";
import { UsageError } from "../input/usage-error.ts";

const HELP = `Usage: wardian types FILE.wasm [-o FOLDER]

Writes TypeScript declarations of a component: what it exports, with the values that sandbox.call takes and gives, and
what it imports. Without -o they are printed.

  -o, --output=FOLDER    write one file for the component and one for each interface
`;

export const typesCommand: Command = { summary: "write TypeScript declarations of a component", help: HELP, run };

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, { output: { type: "string", short: "o" } });
  const [file, extra] = flags.positionals;
  if (file === undefined || extra !== undefined)
    throw new UsageError("types takes one file: wardian types FILE.wasm [-o FOLDER]");
  const bytes = await readBytes(file);
  if (!isComponent(bytes))
    throw new UsageError(`cannot write types of "${file}": it is not a component; a core module has numbers only`);
  const files = await componentTypes(bytes);
  const folder = flags.one("output");
  for (const [name, text] of files) {
    if (folder === undefined) process.stdout.write(`// ${name}\n${text}\n`);
    else await writeInto(folder, name, text);
  }
  return EXIT.ok;
}

async function writeInto(folder: string, name: string, text: string): Promise<void> {
  const target = path.join(folder, name);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new UsageError(`cannot write "${target}": ${why}`, { cause });
  }
}
