import { createInterface } from "node:readline/promises";
import type { Interface } from "node:readline/promises";
import type { Language } from "../../guests/guest.ts";
import { languageOf, LANGUAGES } from "../../guests/language-facts.ts";
import { Sandbox } from "../../node.ts";
import type { RunResult } from "../../sandbox/result.ts";
import type { Command } from "./index.ts";
import { EXIT } from "../output/exit-codes.ts";
import { parseFlags } from "../input/flags.ts";
import { isIncomplete } from "../input/is-incomplete.ts";
import { POLICY_FLAGS, POLICY_HELP, sandboxOptions } from "../input/policy-flags.ts";
import { writeChunk } from "../output/write-chunk.ts";
import { printResult } from "../output/print-result.ts";
import { UsageError } from "../input/usage-error.ts";

const HELP = `Usage: wardian repl [--language=L] [flags]

Reads, runs and prints in one sandbox whose state persists from line to line. Default language: javascript.
Commands: .reset puts the sandbox back, .usage shows what the last run used, .exit (or Ctrl-D) ends.

${POLICY_HELP}
`;

export const replCommand: Command = { summary: "read, run and print in one sandbox", help: HELP, run };

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, POLICY_FLAGS);
  if (flags.positionals.length > 0)
    throw new UsageError(`repl takes no file; to run one: wardian run ${flags.positionals[0] ?? ""}`);
  const named = flags.one("language") ?? "javascript";
  const language = languageOf(named);
  if (language === undefined) throw new UsageError(`--language takes ${LANGUAGES.join(", ")}, not "${named}"`);
  const sandbox = await Sandbox.create({
    ...sandboxOptions(flags, language),
    args: flags.all("arg"),
    onOutput: writeChunk,
  });
  const terminal = createInterface({ input: process.stdin, output: process.stdout, terminal: process.stdin.isTTY });
  try {
    await converse(terminal, sandbox, language);
  } finally {
    terminal.close();
    sandbox.close();
  }
  return EXIT.ok;
}

async function converse(terminal: Interface, sandbox: Sandbox, language: Language): Promise<void> {
  let pending: string[] = [];
  let last: RunResult | undefined;
  const prompt = (): void => {
    terminal.setPrompt(pending.length === 0 ? "> " : "… ");
    if (process.stdin.isTTY) terminal.prompt();
  };
  prompt();
  for await (const line of terminal) {
    if (pending.length === 0 && line.startsWith(".")) {
      if (line === ".exit") return;
      await command(line, sandbox, last);
    } else {
      const ended = pending.length > 0 && line === "";
      pending.push(line);
      const source = pending.join("\n");
      if (source.trim() === "" || ended || !isIncomplete(source, language)) {
        pending = [];
        if (source.trim() !== "") {
          last = await sandbox.run(source);
          printResult(last, false);
          if (last.sandbox !== "kept")
            process.stderr.write(`wardian: the sandbox was ${last.sandbox}; what the session defined is gone\n`);
          if (sandbox.closed) return;
        }
      }
    }
    prompt();
  }
}

async function command(line: string, sandbox: Sandbox, last: RunResult | undefined): Promise<void> {
  if (line === ".reset") await sandbox.reset();
  else if (line === ".usage") process.stdout.write(`${JSON.stringify(last?.usage ?? {})}\n`);
  else process.stderr.write(`wardian: there is no command ${line}; the commands are .reset, .usage and .exit\n`);
}
