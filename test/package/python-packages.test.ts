// The example of Python packages, built and run as its page says: a wheel of Python, and one of C where there is a compiler.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";

const folder = path.resolve(import.meta.dirname, "../../examples/python-packages");
const hotloop = path.join(folder, "build/hotloop-1.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl");

function node(script: string): string {
  return execFileSync(process.execPath, [path.join(folder, script)], { encoding: "utf8", timeout: 120_000 });
}

let built = "";
let printed: readonly string[] = [];

beforeAll(() => {
  built = node("build.mjs");
  printed = node("run.mjs").trimEnd().split("\n");
});

test("a wheel of Python is packed and imported", () => {
  expect(built).toMatch(/^built greeting\n/);
  expect(printed[0]).toBe("Hello, fern");
});

test("a module of C, by clang, runs under the limits", (context) => {
  if (!existsSync(hotloop)) context.skip(`no compiler for extension modules here: ${built.split("\n")[1] ?? ""}`);
  expect(printed.slice(1)).toEqual(["78498", "1986202744", "ValueError: a number of 0 or more, please", "time", "25"]);
});
