// With a fixed clock and a seed: value, output, fuel and memory of every program are the same on every engine.
//   WARDIAN_RUNTIMES=/path/to/node:/path/to/bun:/path/to/deno   other runtimes to compare with
//   WARDIAN_RECORD=1                                            writes table.json, for the runtimes as they are built now
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "../../support/browsers/browser.ts";
import { OTHER_RUNTIMES, runInBrowser, runInRuntime } from "../../support/runtimes.ts";

const script = path.join(import.meta.dirname, "run-corpus.mjs");
const tableFile = path.join(import.meta.dirname, "table.json");
const runtimes = path.resolve(import.meta.dirname, "../../../dist/runtimes");

type Table = Readonly<Record<string, unknown>>;

let here: Table = {};

beforeAll(async () => {
  here = await runOn(process.execPath);
});

async function runOn(runtime: string): Promise<Table> {
  return (await runInRuntime(runtime, script)) as Table;
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

test("the corpus is large enough, and a second process comes to the same", async () => {
  expect(Object.keys(here).length).toBeGreaterThanOrEqual(60);
  expect(await runOn(process.execPath)).toEqual(here);
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

test.each(BROWSERS.filter(({ installed }) => installed))(
  "$name comes to the same",
  { timeout: 120_000 },
  async (browser) => {
    const corpus =
      'import("/test/differential/determinism/measure-corpus.mjs").then((corpus) => corpus.measureCorpus())';
    expect(await runInBrowser(browser, corpus)).toEqual(here);
  },
);

describe.skipIf(OTHER_RUNTIMES.length === 0)("other runtimes (named by WARDIAN_RUNTIMES)", () => {
  test.each(OTHER_RUNTIMES)("%s comes to the same", { timeout: 300_000 }, async (runtime) => {
    expect(await runOn(runtime)).toEqual(here);
  });
});
