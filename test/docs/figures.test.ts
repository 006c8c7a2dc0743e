// The measured numbers in the README and the docs are those of bench/results/node20.json: nobody edits them by hand.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

interface RenderedPage {
  readonly page: string;
  readonly text: string;
  readonly rendered: string;
}

// By Node itself: the script is plain JavaScript beside the package, not part of what the tests compile.
const script = `const { renderPages } = await import("./scripts/figures.mjs"); process.stdout.write(JSON.stringify(renderPages()));`;
const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
  cwd: root,
  encoding: "utf8",
});

test.each(["README.md", "docs/limits-and-fuel.md"])("%s shows the recorded figures", (page) => {
  expect(stderr).toBe("");
  const found = (JSON.parse(stdout) as RenderedPage[]).find((candidate) => candidate.page === page);
  expect(found?.text, "run `npm run figures`").toBe(found?.rendered);
  expect(found?.rendered).toContain("| ---");
});

interface Report {
  readonly topics: readonly {
    readonly topic: string;
    readonly figures: readonly { readonly name: string; readonly value: number; readonly bound?: number }[];
  }[];
}

// Measured on the oldest Node that is supported, and on Node 24 what needs a newer one.
const records = ["node20.json", "node24.json"].map(
  (name) => JSON.parse(readFileSync(path.join(root, "bench/results", name), "utf8")) as Report,
);
const report: Report = { topics: records.flatMap(({ topics }) => topics) };

test("the records hold every topic", () => {
  const topics = readdirSync(path.join(root, "bench")).filter((name) =>
    existsSync(path.join(root, "bench", name, "measure.ts")),
  );
  expect(report.topics.map(({ topic }) => topic).toSorted()).toEqual(topics.toSorted());
  expect(report.topics.every(({ figures }) => figures.length > 0)).toBe(true);
});

test("no recorded figure is above its bound", () => {
  const above = report.topics
    .flatMap(({ figures }) => figures)
    .filter(({ value, bound }) => bound !== undefined && value > bound);
  expect(above.map(({ name, value, bound }) => `${name}: ${value}, at most ${String(bound)}`)).toEqual([]);
});
