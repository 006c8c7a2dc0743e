// WebAssembly/wasi-testsuite's preview 1 modules once more, as components of WASI 0.2: through the adapter of wasmtime's
// that jco ships, so that the same programs exercise wasi:cli, wasi:io, wasi:clocks, wasi:random and wasi:filesystem.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { componentNew } from "@bytecodealliance/jco";
import { describe, expect, test } from "vitest";
import { command, memoryDirectory, Sandbox } from "../../../src/index.ts";
import { filesBelow } from "./files-below.ts";
import { suiteCases } from "./testsuite-folder.ts";
import type { SuiteCase } from "./testsuite-folder.ts";

const folder = process.env["WARDIAN_WASI_TESTSUITE"];

/** Modules that fail as components, each with its reason. The list may only shrink. */
const ALLOWED_FAILURES: Readonly<Record<string, string>> = {
  "assemblyscript/args_get-multiple-arguments": "the adapter stops at an assertion of its own",
  "assemblyscript/environ_get-multiple-variables": "the adapter stops at an assertion of its own",
  "assemblyscript/fd_write-to-invalid-fd": "the adapter answers, and not with EBADF, before WASI 0.2 is asked",
  "c/sock_shutdown-invalid_fd": "the adapter answers for descriptor 3, which is a preopened directory",
};

if (folder === undefined) {
  test.skip("wasi-testsuite as components: set WARDIAN_WASI_TESTSUITE to a checkout of its branch prod/testsuite-base", () =>
    undefined);
} else {
  const jco = path.resolve(path.dirname(createRequire(import.meta.url).resolve("@bytecodealliance/jco")), "..");
  const adapter = readFileSync(path.join(jco, "lib/wasi_snapshot_preview1.command.wasm"));

  describe("wasi-testsuite as components", () => {
    test.each(suiteCases(folder))("$name", async (suiteCase) => {
      const reason = ALLOWED_FAILURES[suiteCase.name];
      const outcome = await runCase(suiteCase, adapter);
      // WASI 0.2 has two exit codes.
      const exitCode = suiteCase.exitCode === 0 ? 0 : 1;
      const passed = outcome.exitCode === exitCode && outcome.stdout === (suiteCase.stdout ?? outcome.stdout);
      if (reason === undefined) expect({ ...outcome, passed }).toMatchObject({ exitCode, passed: true });
      else expect(passed, `it passes now: take it off the list (${reason})`).toBe(false);
    });
  });
}

async function runCase({ file, directory, args, env }: SuiteCase, adapter: Uint8Array) {
  const bytes = await componentNew(readFileSync(file), [["wasi_snapshot_preview1", adapter]]);
  const sandbox = await Sandbox.create({
    guest: command(bytes),
    files:
      directory === undefined
        ? {}
        : { [`/${path.basename(directory)}`]: memoryDirectory({ files: filesBelow(directory) }) },
    args,
    env,
    limits: { timeoutMs: 20_000 },
  });
  try {
    const result = await sandbox.run();
    return {
      exitCode: "exitCode" in result ? result.exitCode : JSON.stringify({ ...result, stdout: "", stderr: "" }),
      stdout: result.stdout,
      stderr: result.stderr,
    };
  } finally {
    sandbox.close();
  }
}
