import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ALLOWED_FAILURES } from "./allowed-failures.ts";
import { runScript } from "./run-script.ts";
import { jcoAlone, wardian } from "./sides.ts";

/**
 * The component model's own scripts: whatever holds with jco alone holds in the component guest, too.
 *
 * `WARDIAN_COMPONENT_MODEL` names a checkout of the WebAssembly/component-model repository.
 */
const folder = process.env["WARDIAN_COMPONENT_MODEL"];
const scripts = folder === undefined ? [] : scriptsOf(path.join(folder, "test"));

function scriptsOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".wast"))
    .toSorted();
}

test.skipIf(folder !== undefined)(
  "the component model's scripts are skipped: WARDIAN_COMPONENT_MODEL names no checkout",
  (context) => {
    context.skip();
  },
);

describe.skipIf(folder === undefined)("the component model's scripts", () => {
  const sum = { scripts: 0, assertions: 0, wardian: 0, jcoAlone: 0 };
  afterAll(() => console.log(`component-model: ${JSON.stringify(sum)}`));

  test.each(scripts)("%s", { timeout: 600_000 }, async (script) => {
    const source = readFileSync(path.join(folder ?? "", "test", script), "utf8");
    const theirs = await runScript(source, jcoAlone);
    const ours = await runScript(source, wardian);
    sum.scripts++;
    sum.assertions += ours.length;
    sum.wardian += ours.filter(({ passed }) => passed).length;
    sum.jcoAlone += theirs.filter(({ passed }) => passed).length;
    const lost = ours.filter(({ passed }, index) => !passed && theirs[index]?.passed === true);
    // A script that no longer loses anything must be taken from the list.
    if (ALLOWED_FAILURES.has(script.replaceAll(path.sep, "/"))) expect(lost).not.toEqual([]);
    else expect(lost.map(({ label, why }) => `${label}: ${why}`)).toEqual([]);
  });
});
