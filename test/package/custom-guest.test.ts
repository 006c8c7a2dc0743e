// The example of guests of one's own, built and run as its page says.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";

const folder = path.resolve(import.meta.dirname, "../../examples/custom-guest");

function node(script: string): string {
  return execFileSync(process.execPath, [path.join(folder, script)], { encoding: "utf8", timeout: 120_000 });
}

let built = "";

beforeAll(() => {
  built = node("build.mjs");
});

test("the guests whose compilers are there build and run", () => {
  expect(built).toContain("built with AssemblyScript\nbuilt as a component");
  const lines = node("run.mjs").trimEnd().split("\n");
  expect(lines.slice(-5)).toEqual(["111", "871", "fuel", "Hello, Ada Lovelace", "Hello, bob"]);
  const programs = lines.slice(0, -5);
  const c = ["4 /texts/fern.txt", "3", "2 wordcount: /texts/moss.txt: No such file or directory"];
  expect(programs).toEqual([
    ...(existsSync(path.join(folder, "build/wordcount.wasm")) ? c : []),
    ...(existsSync(path.join(folder, "build/shout.wasm")) ? ["QUIETLY"] : []),
  ]);
});
