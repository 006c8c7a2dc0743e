import { inspectCommand } from "./inspect-command.ts";
import { meterCommand } from "./meter-command.ts";
import { packagesCommand } from "./packages-command.ts";
import { replCommand } from "./repl-command.ts";
import { replayCommand } from "./replay-command.ts";
import { runCommand } from "./run-command.ts";
import { typesCommand } from "./types-command.ts";

/** One subcommand of `wardian`. */
export interface Command {
  readonly summary: string;
  readonly help: string;
  /** Resolves with the exit code; throws a UsageError, TypeError, RangeError or WardianError for the user's mistakes. */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

export const commands: ReadonlyMap<string, Command> = new Map([
  ["run", runCommand],
  ["repl", replCommand],
  ["replay", replayCommand],
  ["inspect", inspectCommand],
  ["meter", meterCommand],
  ["types", typesCommand],
  ["packages", packagesCommand],
]);
