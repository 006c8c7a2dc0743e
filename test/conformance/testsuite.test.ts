import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runScript } from "./wast/run-script.ts";

/**
 * The official WebAssembly testsuite: every command must end the same way plain and metered.
 *
 * `WARDIAN_TESTSUITE` names a checkout of the WebAssembly testsuite repository.
 */
const folder = process.env["WARDIAN_TESTSUITE"];
const scripts = folder === undefined ? [] : scriptsOf(folder);

function scriptsOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".wast"))
    .toSorted();
}

describe("the official testsuite", () => {
  const sum = { scripts: 0, modules: 0, returns: 0, traps: 0, skipped: 0, differences: 0 };
  afterAll(() => {
    if (folder !== undefined) console.log(`testsuite: ${JSON.stringify(sum)}`);
  });

  test.skipIf(folder !== undefined)(
    "is skipped: WARDIAN_TESTSUITE names no checkout of the WebAssembly testsuite",
    (context) => {
      context.skip();
    },
  );

  test.each(scripts)("%s gives the same verdicts metered and unmetered", async (script) => {
    const source = readFileSync(join(folder ?? "", script), "utf8");
    const differences: string[] = [];
    for (const mode of ["exact", "optimized"] as const) {
      const report = await runScript(source, mode);
      sum.modules += report.modules;
      sum.returns += report.returns;
      sum.traps += report.traps;
      sum.skipped += report.skipped;
      sum.differences += report.differences.length;
      differences.push(...report.differences.map((difference) => `${mode}: ${difference}`));
    }
    sum.scripts++;
    expect(differences).toStrictEqual([]);
  });
});
