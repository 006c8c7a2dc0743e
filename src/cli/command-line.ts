import { WardianError } from "../errors.ts";
import { commands } from "./commands/index.ts";
import { EXIT } from "./output/exit-codes.ts";
import { suggest } from "./input/suggest.ts";
import { UsageError } from "./input/usage-error.ts";

/** Runs one command line (without "node" and the script's name) and resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    const topic = commands.get(rest[0] ?? "");
    process.stdout.write(topic === undefined ? overview() : topic.help);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === "--version" || name === "version") {
    const { readVersion } = await import("./output/version.ts");
    process.stdout.write(`${await readVersion()}\n`);
    return EXIT.ok;
  }
  const command = commands.get(name);
  if (command === undefined) {
    process.stderr.write(
      `wardian: there is no command "${name}"${suggest(name, [...commands.keys()])}\nRun "wardian help" for the list.\n`,
    );
    return EXIT.usage;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(command.help);
    return EXIT.ok;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (isUsersMistake(error)) {
      process.stderr.write(`wardian ${name}: ${error.message}\n`);
      return EXIT.usage;
    }
    throw error;
  }
}

/** Wrong flags, options and files are told in one line; anything else is a defect and shows its stack. */
function isUsersMistake(error: unknown): error is Error {
  if (error instanceof UsageError || error instanceof RangeError || error instanceof TypeError) return true;
  return error instanceof WardianError && error.code !== "internal";
}

function overview(): string {
  const lines = [...commands].map(([name, command]) => `  wardian ${name.padEnd(8)} ${command.summary}`);
  return `Runs code that you did not write, inside WebAssembly, under limits.\n\n${lines.join("\n")}\n  wardian help COMMAND\n\nExit codes: 0 ok, 1 the guest failed, 2 usage, 124 time or fuel, 137 memory or stack, 130 aborted.\n`;
}
