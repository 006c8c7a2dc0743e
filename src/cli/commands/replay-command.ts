import { readFile } from "node:fs/promises";
import type { Command } from "./index.ts";
import { replay } from "../../node.ts";
import { parseFlags } from "../input/flags.ts";
import { parseCount } from "../input/sizes.ts";
import { UsageError } from "../input/usage-error.ts";
import { readModule } from "../input/read-module.ts";
import { exitCodeOf, EXIT } from "../output/exit-codes.ts";
import { writeChunk } from "../output/write-chunk.ts";
import { printResult } from "../output/print-result.ts";

const HELP = `Usage: wardian replay FILE [flags]

Runs a recording again, made with "wardian run --record=FILE" or by result.recording: the same values, output and fuel,
with no network, no tools and no files. The exit code is that of its last run.

  --guest=FILE.wasm           the program, if the recording is of one: recordings do not hold it
  --timeout=MS                milliseconds for all of its runs (default 60000)
  --json                      print one JSON object per run, the result, and nothing else

Example: wardian replay report.recording
`;

export const replayCommand: Command = { summary: "run a recording again", help: HELP, run };

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, { guest: { type: "string" }, timeout: { type: "string" }, json: { type: "boolean" } });
  const [file, ...rest] = flags.positionals;
  if (file === undefined || rest.length > 0) throw new UsageError("which file? Usage: wardian replay FILE [flags]");
  const timeout = flags.one("timeout");
  const json = flags.has("json");
  const program = flags.one("guest");
  const results = await replay(await readRecording(file), {
    ...(program === undefined ? {} : { guest: await readModule(program) }),
    ...(timeout === undefined ? {} : { timeoutMs: parseCount("--timeout", timeout, "milliseconds") }),
    ...(json ? {} : { onOutput: writeChunk }),
  });
  for (const result of results) printResult(result, json);
  const last = results.at(-1);
  return last === undefined ? EXIT.ok : exitCodeOf(last);
}

async function readRecording(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new UsageError(`cannot read "${file}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
