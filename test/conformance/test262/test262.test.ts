import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compileMetered, compilePlain, engineBytes } from "../../../bench/javascript/raw-engine.ts";
import type { ModulesFile } from "../../../src/guests/javascript/artefacts.ts";
import { readTest, variantsOf } from "./read-test.ts";
import { runVariant } from "./run-test.ts";

/**
 * One in twenty of test262, on the JavaScript guest's engine metered as it is shipped and on the same engine as npm has
 * it: every test must end the same way, with the same message where it fails.
 *
 * `WARDIAN_TEST262` names a checkout of the tc39/test262 repository.
 */
const folder = process.env["WARDIAN_TEST262"];
const ONE_IN = 20;

function selected(root: string): string[] {
  return readdirSync(path.join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll(path.sep, "/"))
    .filter((name) => name.endsWith(".js") && !name.includes("_FIXTURE") && !/^(?:intl402|staging)\//.test(name))
    .filter((name) => hash(name) % ONE_IN === 0)
    .toSorted();
}

/** FNV-1a of 32 bits: the same choice everywhere, and no folder left out. */
function hash(name: string): number {
  let value = 0x811c9dc5;
  for (const unit of name) value = Math.imul(value ^ (unit.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}

test.skipIf(folder !== undefined)("test262 is skipped: WARDIAN_TEST262 names no checkout of it", (context) => {
  context.skip();
});

describe.skipIf(folder === undefined)("test262, one in twenty", () => {
  const root = folder ?? "";
  const names = folder === undefined ? [] : selected(root);
  const byFolder = groupByFolder(names);
  const sum = { files: 0, runs: 0, passed: 0, differences: 0 };
  afterAll(() => console.log(`test262: ${JSON.stringify(sum)}`));

  const harnessTexts = new Map<string, string>();
  const harness = (file: string): string => {
    const known = harnessTexts.get(file) ?? readFileSync(path.join(root, "harness", file), "utf8");
    harnessTexts.set(file, known);
    return known;
  };

  const shipped = path.resolve(import.meta.dirname, "../../../dist/runtimes/javascript/modules.json");
  const { stackLimit } = JSON.parse(readFileSync(shipped, "utf8")) as ModulesFile;
  const plain = compilePlain(engineBytes());
  const metered = compileMetered(engineBytes(), { addExports: "state", stackLimit });

  test.each([...byFolder.keys()])(
    "%s",
    (key) => {
      const differences: string[] = [];
      for (const name of byFolder.get(key) ?? []) {
        const file = readTest(root, name);
        sum.files++;
        for (const variant of variantsOf(file, harness)) {
          const expected = runVariant(plain, file, variant);
          const found = runVariant(metered, file, variant);
          sum.runs++;
          if (found === "pass") sum.passed++;
          if (found !== expected) differences.push(`${name} (${variant.label}): plain ${expected}, metered ${found}`);
        }
      }
      sum.differences += differences.length;
      expect(differences).toEqual([]);
    },
    1_200_000,
  );
});

function groupByFolder(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = name.split("/").slice(0, 2).join("/");
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return groups;
}
