// With a fixed clock and a seed: value, output, fuel and memory of every program are the same on every engine.
//   WARDIAN_RUNTIMES=/path/to/node:/path/to/bun:/path/to/deno   other runtimes to compare with
//   WARDIAN_RECORD=1                                            writes table.json, for the runtimes as they are built now
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

const script = path.join(import.meta.dirname, "run-corpus.mjs");
const tableFile = path.join(import.meta.dirname, "table.json");
const runtimes = path.resolve(import.meta.dirname, "../../../dist/runtimes");

type Table = Readonly<Record<string, unknown>>;

let here: Table = {};

beforeAll(() => {
  here = runOn(process.execPath);
});

function runOn(runtime: string): Table {
  const args = runtime.endsWith("deno") ? ["run", "--allow-all", script] : [script];
  const { status, stdout, stderr } = spawnSync(runtime, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 24,
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`${runtime} failed: ${stderr}`);
  return JSON.parse(stdout) as Table;
}

/** What was built: another meter or another image gives other figures, rightly. */
function buildDigest(): string {
  const hash = createHash("sha256");
  for (const guest of ["javascript", "python"]) {
    for (const name of readdirSync(path.join(runtimes, guest)).toSorted()) {
      if (/\.(?:wasm|image|bin|json)$/.test(name)) hash.update(readFileSync(path.join(runtimes, guest, name)));
    }
  }
  return hash.digest("hex").slice(0, 24);
}

test("the corpus is large enough, and a second process comes to the same", () => {
  expect(Object.keys(here).length).toBeGreaterThanOrEqual(60);
  expect(runOn(process.execPath)).toEqual(here);
});

test("this engine comes to what the table says", (context) => {
  const build = buildDigest();
  if (process.env["WARDIAN_RECORD"] === "1")
    writeFileSync(tableFile, `${JSON.stringify({ build, programs: here }, undefined, 2)}\n`);
  const table = existsSync(tableFile)
    ? (JSON.parse(readFileSync(tableFile, "utf8")) as { readonly build: string; readonly programs: Table })
    : undefined;
  if (table === undefined || table.build !== build) {
    context.skip(`the table is of build ${table?.build}, this is ${build}: WARDIAN_RECORD=1 writes it anew`);
    return;
  }
  expect(here).toEqual(table.programs);
});

const others = (process.env["WARDIAN_RUNTIMES"] ?? "").split(":").filter((runtime) => runtime !== "");

describe.skipIf(others.length === 0)("other runtimes (named by WARDIAN_RUNTIMES)", () => {
  test.each(others)("%s comes to the same", (runtime) => {
    expect(runOn(runtime)).toEqual(here);
  });
});
