import type { Command } from "./index.ts";
import { EXIT, exitCodeOf } from "../output/exit-codes.ts";
import { parseFlags } from "../input/flags.ts";
import { isComponent } from "../../guests/module/guest-module.ts";
import { writeRecording } from "../output/write-recording.ts";
import { writeChunk } from "../output/write-chunk.ts";
import { printResult } from "../output/print-result.ts";
import { overlayMounts, POLICY_FLAGS, POLICY_HELP, sandboxOptions } from "../input/policy-flags.ts";
import { readSource } from "../input/read-source.ts";
import { readModule } from "../input/read-module.ts";
import { Sandbox } from "../../node.ts";
import { settleOverlays } from "../output/settle-overlays.ts";
import { standardInput } from "../../hosts/node/standard-input.ts";
import { UsageError } from "../input/usage-error.ts";

const HELP = `Usage: wardian run FILE|- [ARG...] [flags]

Runs FILE (or standard input, with "-" and --language) in a fresh sandbox.
The language comes from the extension: .js .mjs .cjs .ts .mts .py, and with its
package installed .lua .rb .php .pl .sql .sh
A .wasm file is run as a command of WASI; its exit code is passed on.

${POLICY_HELP}
  --commit                    after a run that ended well, write the changes in overlays to this machine
  --record=FILE               write down every input, for "wardian replay FILE"
  --json                      print one JSON object, the result, and nothing else

Example: wardian run report.py --mount=/data=./data --timeout=2000
`;

export const runCommand: Command = { summary: "run a file in a sandbox", help: HELP, run };

async function run(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, {
    ...POLICY_FLAGS,
    record: { type: "string" },
    commit: { type: "boolean" },
    json: { type: "boolean" },
  });
  const [file, ...args] = flags.positionals;
  if (file === undefined) throw new UsageError("which file? Usage: wardian run FILE|- [flags]");
  const source = file.endsWith(".wasm")
    ? { guest: await readModule(file) }
    : await readSource(file, flags.one("language"));
  const json = flags.has("json");
  const overlays = overlayMounts(flags);
  if (flags.has("commit") && overlays.length === 0)
    throw new UsageError("--commit writes what changed in overlays; mount one with --mount=GUEST=HOST:overlay");
  const record = flags.one("record");
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt);
  try {
    const sandbox = await Sandbox.create({
      ...sandboxOptions(flags, "guest" in source ? source.guest : source.language),
      args: [...flags.all("arg"), ...args],
      // The source came from standard input: there is nothing left to read.
      stdin: file === "-" ? "" : standardInput(),
      signal: interrupted.signal,
      record: record !== undefined,
      ...(json ? {} : { onOutput: writeChunk }),
    });
    // A component may wait for time to pass: there is nobody here whose thread it would hold.
    const result =
      "guest" in source
        ? isComponent(source.guest.bytes)
          ? sandbox.runSync()
          : await sandbox.run()
        : await sandbox.run(source.text, { filename: source.filename });
    printResult(record === undefined ? result : await writeRecording(result, record), json);
    const written = await settleOverlays(sandbox, overlays, flags.has("commit") && result.status === "ok");
    sandbox.close();
    return written ? exitCodeOf(result) : EXIT.guestError;
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
}
