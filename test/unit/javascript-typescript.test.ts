import { describe, expect, test } from "vitest";
import { memoryDirectory } from "../../src/index.ts";
import { errorOf, javascript, okValue, runOnce, valueOf } from "../support/javascript-sandbox.ts";

const language = "typescript" as const;

describe("TypeScript", () => {
  test.each([
    ["const x: number = 5; x as unknown as number", 5],
    ["interface A { a: string }; type B = A | null; const b: B = { a: 'x' }; b!.a", "x"],
    ["enum Color { Red, Green = 5, Blue } Color.Blue + Color[0]", "6Red"],
    [
      "class P { constructor(private readonly n: number, public m = 2) {} sum(): number { return this.n + this.m } } new P(1).sum()",
      3,
    ],
    ["function id<T>(x: T): T { return x } id<string>('s')", "s"],
    ["abstract class S<T extends object> { declare z: T; abstract f(): void } typeof S", "function"],
    ["const f = <T,>(x: T) => x; f(await Promise.resolve(4))", 4],
    ["let x = { a: 1 } satisfies Record<string, number>; x.a", 1],
    ["import type { Nope } from './nope'; export default 7 as number", 7],
  ])("%j gives %j", async (source, value) => {
    expect(await valueOf(source, { language })).toEqual(value);
  });

  test("lines of errors are those of the source", async () => {
    const source =
      "interface Long {\n  a: string;\n  b: number;\n}\n\nconst f = (x: Long): never => {\n  throw new Error(x.a);\n};\nf({ a: 'here', b: 1 });";
    expect(errorOf(await runOnce(source, { language }))).toMatchObject({ message: "here", line: 7 });
  });

  test("a syntax error has its line", async () => {
    expect(errorOf(await runOnce("let a: number = 1;\nlet b: = 2;", { language }))).toMatchObject({
      name: "SyntaxError",
      line: 2,
    });
  });

  test("imports of .ts files are stripped too, with TypeScript's own habits of naming them", async () => {
    const files = {
      "/src": memoryDirectory({
        files: {
          "a.ts": "import { b } from './b'; import { c } from './c.js'; export const a: number = b + c;",
          "b.ts": "export const b: number = 1;",
          "c.ts": "export enum E { X = 2 }\nexport const c = E.X as number;",
        },
      }),
    };
    expect(await valueOf("import { a } from '/src/a.ts'; export default a", { language, files })).toBe(3);
    expect(
      await valueOf("import { a } from './a.ts'; export default a", { language, files }, { filename: "/src/main.mts" }),
    ).toBe(3);
  });

  test("state persists, and what is typed on one line is forgotten on none", async () => {
    const sandbox = await javascript({ language });
    await sandbox.run("const total: number = 40; type T = number;");
    expect(okValue(await sandbox.run("total + (2 as number)"))).toBe(42);
  });

  test("the stripper runs under the meter and inside the guest", async () => {
    const long =
      `const a: number = 1;\n`.replace("a", "a0") +
      Array.from({ length: 20_000 }, (_, index) => `const b${index}: number = ${index};`).join("\n");
    expect(await runOnce(long, { language, limits: { fuel: 50_000_000 } })).toMatchObject({
      status: "limit",
      limit: "fuel",
    });
    expect((await runOnce("(".repeat(100_000), { language })).status).not.toBe("ok");
  });
});
