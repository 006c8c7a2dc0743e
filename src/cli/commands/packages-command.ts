import { writeFile } from "node:fs/promises";
import { lockPackages } from "../../node.ts";
import { EXIT } from "../output/exit-codes.ts";
import { parseFlags } from "../input/flags.ts";
import { UsageError } from "../input/usage-error.ts";
import type { Command } from "./index.ts";

const HELP = `Usage: wardian packages lock FILE.whl... [-o LOCK.json]

Checks that the wheels are for the Python of this package and writes a lock: their names, versions and SHA-256.
"wardian run --packages-lock=LOCK.json --package=..." then refuses any other.

  -o, --out=FILE              write it there (default: standard output)
`;

export const packagesCommand: Command = { summary: "lock Python packages by their digests", help: HELP, run };

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, { out: { type: "string", short: "o" } });
  const [action, ...files] = flags.positionals;
  if (action !== "lock" || files.length === 0)
    throw new UsageError("packages takes an action and files: wardian packages lock FILE.whl...");
  const text = `${JSON.stringify(await lockPackages(files), undefined, 2)}\n`;
  const out = flags.one("out");
  if (out === undefined) {
    process.stdout.write(text);
    return EXIT.ok;
  }
  try {
    await writeFile(out, text);
  } catch (cause) {
    throw new UsageError(`cannot write "${out}"`, { cause });
  }
  return EXIT.ok;
}
