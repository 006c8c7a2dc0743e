import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/sandbox/result.ts";
import { PythonSandbox, summary } from "../support/python-sandbox.ts";

interface Attack {
  readonly id: string;
  readonly cls: string;
  readonly lang: string;
  readonly code: string;
}

const corpus = process.env["WARDIAN_ATTACKS"] ?? path.join(import.meta.dirname, "../../../shared/attacks/attacks.json");
const attacks: readonly Attack[] = existsSync(corpus)
  ? (JSON.parse(readFileSync(corpus, "utf8")) as Attack[]).filter(
      ({ lang, cls }) => lang === "py" && (cls === "B" || cls === "F"),
    )
  : [];
if (attacks.length === 0)
  console.warn(`python-attacks: skipped, there is no attack corpus (set WARDIAN_ATTACKS to its file)`);

/** For attacks that must be stopped; the others get time to come to their own end, even on a busy machine. */
const TIMEOUT_MS = 1_000;
const PATIENCE_MS = 30_000;
const SECRET = "canary-7f3a91";

/** What each attack may come to, by its id: a status, an error's name or a limit. Others: any outcome but the host's harm. */
const expected: Readonly<Record<string, string | RegExp>> = {
  B02: "ModuleNotFoundError",
  B04: "ModuleNotFoundError",
  B05: "ModuleNotFoundError",
  B07: "ModuleNotFoundError",
  B09: "ModuleNotFoundError",
  B10: "ModuleNotFoundError",
  B12: 'ok "rc=-1"',
  B14: "OSError",
  B15: "OSError",
  B17: "PermissionError",
  B19: "ModuleNotFoundError",
  B20: "FileNotFoundError",
  B22: 'ok "[]"',
  B25: 'ok "[]"',
  B27: "ModuleNotFoundError",
  B29: "Trap",
  B30: "ModuleNotFoundError",
  B34: "Trap",
  B35: /^ok/,
  B37: "AttributeError",
  B39: "limit time",
  B40: "RuntimeError",
  F02: "limit time",
  F03: "limit time",
  F05: "limit memory",
  F07: "RecursionError",
  F08: "RecursionError",
  F10: "SyntaxError",
  F12: /^(RecursionError|limit stack)$/,
  F13: "ValueError",
  F15: /^(MemoryError|limit memory)$/,
  F17: /^(MemoryError|limit memory)$/,
  F18: /^(MemoryError|limit memory)$/,
  F20: "AttributeError",
  F22: /^limit (time|memory)$/,
  F23: "limit time",
  F25: "RuntimeError",
  F27: /^(OSError|limit files)$/,
  F28: /^(ExpatError|limit time)$/,
  F30: /^(ok|limit (memory|time)|MemoryError)/,
};

function outcome(result: RunResult): string {
  if (result.status === "ok") return `ok ${JSON.stringify(result.value) ?? ""}`.trim();
  return result.status === "error" ? result.error.name : `limit ${"limit" in result ? result.limit : ""}`;
}

describe.skipIf(attacks.length === 0)("attacks on the Python guest", () => {
  let sandbox: PythonSandbox;
  let folder: string;
  let canary: string;

  beforeAll(async () => {
    process.env["WARDIAN_CANARY"] = SECRET;
    folder = mkdtempSync(path.join(tmpdir(), "wardian-attack-"));
    canary = path.join(folder, "canary.txt");
    writeFileSync(canary, SECRET);
    sandbox = await PythonSandbox.create({ limits: { timeoutMs: PATIENCE_MS, memoryBytes: 128 * 2 ** 20 } });
    await sandbox.value("1");
  });
  afterAll(() => {
    sandbox.close();
    delete process.env["WARDIAN_CANARY"];
    rmSync(folder, { recursive: true });
  });

  it.each(attacks.map(({ id, code }) => [id, code] as const))("%s comes to nothing", async (id, code) => {
    await sandbox.reset();
    const listed = [readdirSync(process.cwd()), readdirSync(folder)];
    const started = performance.now();
    const endless = String(expected[id]).includes("time");
    const result = await sandbox.run(/(^|[\n;:] ?)r=/.test(code) ? `${code}\nr` : code, {
      limits: { timeoutMs: endless ? TIMEOUT_MS : PATIENCE_MS },
    });
    const took = performance.now() - started;

    const said = JSON.stringify([summary(result), result.stdout, result.stderr]);
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain(String(process.pid) + '"');
    expect([readdirSync(process.cwd()), readdirSync(folder)]).toEqual(listed);
    expect(readFileSync(canary, "utf8")).toBe(SECRET);
    expect(outcome(result)).toMatch(
      expected[id] instanceof RegExp
        ? expected[id]
        : new RegExp(`^${(expected[id] ?? ".*").replaceAll(/[[\]"]/g, "\\$&")}$`),
    );
    // The limit is the deadline; the rest is slack for a busy machine.
    expect(took).toBeLessThan((endless ? TIMEOUT_MS : PATIENCE_MS) + 1_000);

    if (result.sandbox === "kept") await sandbox.reset();
    const next = await sandbox.run("import math\nprint('alive')\nlen('abc')");
    expect(summary(next)).toEqual({ status: "ok", value: 3, stdout: "alive\n", stderr: "" });
  });
});
