import { describe, expect, test } from "vitest";
import { memoryDirectory } from "../../src/index.ts";
import { errorOf, javascript, okValue, runOnce, valueOf } from "../support/javascript-sandbox.ts";

const files = {
  "/lib": memoryDirectory({
    files: {
      "a.mjs": "import { b } from './deep/b.mjs'; export const a = b + 1; export default 'the default of a';",
      "deep/b.mjs":
        "import data from '../data.json'; export const b = data.n; globalThis.loads = (globalThis.loads ?? 0) + 1;",
      "data.json": '{ "n": 41, "__proto__": 1 }',
      "bad.json": "{",
      "bad.mjs": "\n\nlet x = ;",
      "throws.mjs": "\nthrow new Error('at load')",
      "cycle1.mjs": "import { two } from './cycle2.mjs'; export const one = 1; export const sum = () => one + two;",
      "cycle2.mjs": "import { one } from './cycle1.mjs'; export const two = 2; export const sum = () => one + two;",
      "t.ts": "export const typed: number = 5; export type T = string;",
      "late.mjs": "export const v = await new Promise((r) => setTimeout(r, 10, 'awaited'));",
    },
  }),
};

describe("modules", () => {
  test.each([
    ["export default 1 + 1", 2],
    ["import path from 'node:path'; export default path.join('/a', '..', 'b')", "/b"],
    ["import { a } from '/lib/a.mjs'; export default a", 42],
    [
      "import d, * as ns from '/lib/a.mjs'; export default [d, Object.keys(ns)]",
      ["the default of a", ["a", "default"]],
    ],
    ["export const x = 1", undefined],
    ["const v = await Promise.resolve(3); export default v", 3],
    ["export default Promise.resolve(4)", 4],
    ["import { v } from '/lib/late.mjs'; export default v", "awaited"],
    ["import { sum } from '/lib/cycle1.mjs'; export default sum()", 3],
    ["(await import('/lib/a.mjs')).a", 42],
    ["import('/lib/data.json').then((m) => m.default.n)", 41],
    ["const text = `\nimport x from 'y'\n`; text.length", 19],
  ])("%j gives %j", async (source, value) => {
    expect(await valueOf(source, { files })).toEqual(value);
  });

  test("a .mjs run is a module even without import or export", async () => {
    expect(
      await runOnce("var hidden = 1; this === undefined ? 0 : fail()", { files }, { filename: "x.mjs" }),
    ).toMatchObject({ status: "ok", value: undefined });
  });

  test("imports are relative to the importing module, and each is loaded once", async () => {
    const sandbox = await javascript({ files });
    expect(
      okValue(
        await sandbox.run(
          "import { a } from './a.mjs'; import { b } from './deep/b.mjs'; export default [a, b, loads]",
          { filename: "/lib/main.mjs" },
        ),
      ),
    ).toEqual([42, 41, 1]);
    expect(
      okValue(
        await sandbox.run("import { b } from '../lib/deep/b.mjs'; export default [b, loads]", {
          filename: "/x/main.mjs",
        }),
      ),
    ).toEqual([41, 1]);
  });

  test("inline modules are found by name and by path", async () => {
    const modules = {
      helper: "export const h = 1; export { n } from './nested.mjs'",
      "/nested.mjs": "export const n = 2",
      "./rel.mjs": "export default 3",
    };
    expect(
      await valueOf(
        "import { h, n } from 'helper'; import r from './rel.mjs'; export default [h, n, r]",
        {},
        { modules },
      ),
    ).toEqual([1, 2, 3]);
    expect(await valueOf("(await import('helper')).n", {}, { modules })).toBe(2);
  });

  test.each([
    [
      "import('data:text/javascript,export default 1')",
      /^Cannot import 'data:text\/javascript,export default 1': only files/,
    ],
    ["import x from 'https://example.com/x.mjs'", /^Cannot import 'https:\/\/example.com\/x.mjs': only files/],
    ["import x from 'lodash'", /^Cannot find package 'lodash': there are no packages/],
    ["import x from 'node:child_process'", /of Node's modules there are fs, fs\/promises and path/],
    ["import x from './nope.mjs'", /^Cannot find module '\/nope.mjs' imported from main.js/],
    ["import x from '/lib/../../../etc/passwd'", /^Cannot find module '\/etc\/passwd'/],
    ["import x from '/lib/t.ts'", /TypeScript needs a sandbox of language "typescript"/],
  ])("%j is refused clearly", async (source, message) => {
    const result = await runOnce(source, { files });
    expect(errorOf(result).message).toMatch(message);
    expect(result.sandbox).toBe("kept");
  });

  test("a refused import can be caught and has a code", async () => {
    expect(await valueOf("await import('left-pad').catch((e) => e.code)")).toBe("ERR_MODULE_NOT_FOUND");
  });

  test("errors of an imported module are its own", async () => {
    expect(errorOf(await runOnce("import '/lib/bad.mjs'", { files }))).toMatchObject({
      name: "SyntaxError",
      traceback: expect.stringContaining("/lib/bad.mjs:3:") as unknown,
    });
    expect(errorOf(await runOnce("import '/lib/throws.mjs'", { files }))).toMatchObject({
      message: "at load",
      traceback: expect.stringContaining("/lib/throws.mjs:2:") as unknown,
    });
    expect(errorOf(await runOnce("import '/lib/bad.json'", { files })).name).toBe("SyntaxError");
  });

  test("arguments and environment are those of the run", async () => {
    const sandbox = await javascript({ args: ["own"], env: { A: "1", ["__proto__"]: "x" } });
    expect(
      okValue(
        await sandbox.run(
          "import { args, env } from 'wardian:environment'; export default [args, env.A, Object.getPrototypeOf(env)]",
        ),
      ),
    ).toEqual([["own"], "1", null]);
    expect(
      okValue(await sandbox.run("(await import('wardian:environment')).args", { args: ["a b", "\ud800"] })),
    ).toEqual(["a b", "\ud800"]);
  });
});
