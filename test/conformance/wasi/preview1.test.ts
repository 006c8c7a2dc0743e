// WebAssembly/wasi-testsuite, preview 1: every module as a command, on memory mounts, host mounts and overlays.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { command, memoryDirectory, Sandbox } from "../../../src/index.ts";
import { hostDirectory } from "../../../src/node.ts";
import type { FileSystem } from "../../../src/index.ts";
import { filesBelow } from "./files-below.ts";
import { suiteCases } from "./testsuite-folder.ts";
import type { SuiteCase } from "./testsuite-folder.ts";

/** In memory; a host directory that is written to; a host directory under an overlay, which is not. */
type Mounts = "memory" | "host" | "overlay";

const folder = process.env["WARDIAN_WASI_TESTSUITE"];

/** Modules that fail, each with its reason. The list may only shrink. */
const ALLOWED_FAILURES: Readonly<Record<Mounts, Readonly<Record<string, string>>>> = {
  memory: {},
  host: {},
  overlay: {},
};

if (folder === undefined) {
  test.skip("wasi-testsuite: set WARDIAN_WASI_TESTSUITE to a checkout of its branch prod/testsuite-base", () =>
    undefined);
} else {
  const cases = suiteCases(folder);
  const scratch = mkdtempSync(path.join(tmpdir(), "wardian-wasi-"));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test("the suite has its 72 modules", () => {
    expect(cases).toHaveLength(72);
  });

  describe.each(["memory", "host", "overlay"] as const)("wasi-testsuite on %s mounts", (kind) => {
    test.each(cases)("$name", async (suiteCase) => {
      const reason = ALLOWED_FAILURES[kind][suiteCase.name];
      const outcome = await runCase(suiteCase, kind, scratch);
      const expected = { exitCode: suiteCase.exitCode, stdout: suiteCase.stdout ?? outcome.stdout };
      const passed = outcome.exitCode === expected.exitCode && outcome.stdout === expected.stdout;
      if (reason !== undefined) expect(passed, `it passes now: take it off the list (${reason})`).toBe(false);
      else
        expect(outcome).toEqual({ ...expected, stderr: outcome.exitCode === expected.exitCode ? outcome.stderr : "" });
    });
  });
}

async function runCase(suiteCase: SuiteCase, kind: Mounts, scratch: string) {
  const { directory } = suiteCase;
  const files: Record<string, FileSystem> = {};
  if (directory !== undefined)
    files[`/${path.basename(directory)}`] = mountOf(directory, kind, scratch, suiteCase.name);
  const sandbox = await Sandbox.create({
    guest: command(readFileSync(suiteCase.file)),
    files,
    args: suiteCase.args,
    env: suiteCase.env,
    limits: { timeoutMs: 20_000 },
  });
  try {
    const result = await sandbox.run();
    return {
      exitCode:
        "exitCode" in result
          ? result.exitCode
          : `${result.status}: ${JSON.stringify("error" in result ? result.error : "")}`,
      stdout: result.stdout,
      stderr: result.stderr,
    };
  } finally {
    sandbox.close();
  }
}

function mountOf(directory: string, kind: Mounts, scratch: string, name: string): FileSystem {
  if (kind === "memory") return memoryDirectory({ files: filesBelow(directory) });
  const copy = path.join(scratch, `${kind}-${name.replace("/", "-")}`);
  mkdirSync(copy);
  cpSync(directory, copy, { recursive: true });
  if (kind === "overlay") return hostDirectory({ path: copy, mode: "overlay" });
  return hostDirectory({ path: copy, mode: "read-write", dangerouslyAllowLinks: true });
}
