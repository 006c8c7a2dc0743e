// Every row of docs/security/threats.md names where its defence is and a test: both have to be there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const markdown = readFileSync(path.join(root, "docs/security/threats.md"), "utf8");
const rows = markdown
  .split("\n")
  .filter((line) => line.startsWith("|") && !/^\| *(?:vector|-)/u.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );

test("there is a table for every surface", () => {
  expect(markdown.match(/^## .*/gmu)).toEqual([
    "## Languages",
    "## Imports",
    "## Fuel, time, memory, stack",
    "## Files",
    "## Network",
    "## Host functions",
    "## Results, snapshots, endings",
    "## What is not covered",
  ]);
  expect(rows.length).toBeGreaterThan(50);
});

describe.each(rows.map((cells) => [cells[0] ?? "", cells] as const))("%s", (_vector, cells) => {
  const [, defence, source, proof] = cells;

  test("says what stops it, and where that stands", () => {
    expect(cells).toHaveLength(4);
    expect(defence).not.toBe("");
    const file = /^`((?:src|runtimes)\/[^`]+)`$/u.exec(source ?? "")?.[1] ?? "";
    expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
  });

  test("names a test that exists", () => {
    const [, file = "", title = ""] = /^`(test\/[^`]+)`: "([^"]+)"$/u.exec(proof ?? "") ?? [];
    expect(title).not.toBe("");
    const text = readFileSync(path.join(root, file), "utf8");
    expect([file, text.includes(title)], `${file} has no test "${title}"`).toEqual([file, true]);
    // A list of attacks is no test by itself: one beside it has to try them.
    const tests = file.endsWith(".test.ts")
      ? [file]
      : readdirSync(path.join(root, path.dirname(file))).filter((name) => name.endsWith(".test.ts"));
    expect(tests.length).toBeGreaterThan(0);
  });
});

describe("the pages on security", () => {
  const pages = readdirSync(path.join(root, "docs/security")).filter((name) => name.endsWith(".md"));

  test("are all there, and lead to each other", () => {
    expect(pages.toSorted()).toEqual(["checklist.md", "model.md", "reporting.md", "threats.md", "vulnerabilities.md"]);
    const model = readFileSync(path.join(root, "docs/security/model.md"), "utf8");
    for (const page of pages) if (page !== "model.md") expect(model).toContain(`](${page})`);
  });

  test.each(["README.md", "SECURITY.md"])("are reached from %s", (page) => {
    expect(readFileSync(path.join(root, page), "utf8")).toMatch(/\]\(docs\/security\/[a-z]+\.md\)/u);
  });

  test.each(["model.md", "threats.md"])("%s says what is not covered", (page) => {
    expect(readFileSync(path.join(root, "docs/security", page), "utf8")).toContain("## What is not covered");
  });
});
