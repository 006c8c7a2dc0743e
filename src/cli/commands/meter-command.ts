import { writeFile } from "node:fs/promises";
import { meter } from "../../engine/index.ts";
import type { Command } from "./index.ts";
import { EXIT } from "../output/exit-codes.ts";
import { parseFlags } from "../input/flags.ts";
import { readBytes } from "../input/read-source.ts";
import { parseCount, parseSize } from "../input/sizes.ts";
import { UsageError } from "../input/usage-error.ts";

const HELP = `Usage: wardian meter IN.wasm -o OUT.wasm [flags]

Writes a metered copy of a core module: it counts fuel and stops when its host says so.

  -o, --output=FILE      where to write it (required)
  --memory=SIZE          cap of every linear memory, such as 64MiB
  --stack=N              call-depth limit, in weight units (default: none)
  --exact                charge and check every block: slow, exact
  --json                 print what the host must provide as one JSON object
`;

export const meterCommand: Command = { summary: "write a metered copy of a module", help: HELP, run };

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, {
    output: { type: "string", short: "o" },
    memory: { type: "string" },
    stack: { type: "string" },
    exact: { type: "boolean" },
    json: { type: "boolean" },
  });
  const [file, extra] = flags.positionals;
  if (file === undefined || extra !== undefined)
    throw new UsageError("meter takes one file: wardian meter IN.wasm -o OUT.wasm");
  const output = flags.one("output");
  if (output === undefined) throw new UsageError("where to? meter needs -o OUT.wasm");
  const memory = flags.one("memory");
  const stack = flags.one("stack");
  const bytes = await readBytes(file);
  const metered = meter(bytes, {
    mode: flags.has("exact") ? "exact" : "optimized",
    ...(memory === undefined ? {} : { memoryMaxBytes: parseSize("--memory", memory) }),
    ...(stack === undefined ? {} : { stackLimit: parseCount("--stack", stack, "weight units") }),
  });
  // The rewriter does not validate; a module that no engine takes must not be written as if it were good.
  if (!WebAssembly.validate(metered.bytes))
    throw new UsageError(`cannot meter "${file}": this engine does not accept the module`);
  await writeOutput(output, metered.bytes);
  const report = {
    output,
    bytes: metered.bytes.length,
    growth: metered.bytes.length / bytes.length,
    import: metered.import,
    fuelExport: metered.fuelExport,
  };
  if (flags.has("json")) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    process.stdout.write(
      `${output}: ${report.bytes} bytes (${report.growth.toFixed(2)} times the input)\n` +
        `import it needs: "${metered.import.module}" "${metered.import.name}", a function that takes nothing and returns i32, zero to go on\n` +
        `fuel is its exported global ${JSON.stringify(metered.fuelExport)}\n`,
    );
  }
  return EXIT.ok;
}

async function writeOutput(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (cause) {
    throw new UsageError(
      `cannot write "${file}": ${cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)}`,
      { cause },
    );
  }
}
