import { describe, expect, test } from "vitest";
import { tool, ToolError } from "../../../src/index.ts";
import { errorOf, javascript, okValue, runOnce, valueOf } from "../../support/javascript-sandbox.ts";

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 5, value));

const tools = {
  echo: tool({ run: (input) => input as never }),
  later: tool({ run: (input) => later(input as never) }),
  fails: tool({
    run: () => {
      throw new ToolError("the author's words");
    },
  }),
  breaks: tool({
    run: () => {
      throw new TypeError("secret of the host at /etc/host");
    },
  }),
};

describe("tools", () => {
  test.each<[string, unknown]>([
    ["await tools.echo({ a: [1, 'é\\0\\ud800', null] })", { a: [1, "é\0\ud800", null] }],
    ["tools.echo({ a: 1 }) instanceof Promise", true],
    ["tools.echo.sync({ b: 2 })", { b: 2 }],
    ["await tools.later({ c: 3 })", { c: 3 }],
    ["(await Promise.all([1, 2, 3].map((n) => tools.later({ n })))).map((r) => r.n)", [1, 2, 3]],
    [
      "await Promise.race([tools.later({}), new Promise((r) => setTimeout(r, 100000, 'timer'))]).then((x) => typeof x)",
      "object",
    ],
    [
      "await tools.fails({}).catch((e) => [e instanceof ToolError, e instanceof Error, e.name, e.message])",
      [true, true, "ToolError", "the author's words"],
    ],
    ["try { tools.fails.sync({}) } catch (e) { e.message }", "the author's words"],
    [
      "try { tools.later.sync({}) } catch (e) { e.message }",
      'Tool "later" answers later: write await tools.later(…) instead of tools.later.sync(…)',
    ],
    ["await tools.echo(() => 1).catch((e) => e.message)", 'The argument of tool "echo" is not JSON data'],
    ["await tools.echo({}, {}).catch((e) => e.name)", "TypeError"],
    ["const c = {}; c.c = c; await tools.echo(c).catch((e) => e.name)", "TypeError"],
    [
      "[typeof tools.nope, tools.constructor, tools.__proto__, Object.isFrozen(tools), Object.keys(tools)]",
      ["undefined", undefined, undefined, true, ["echo", "later", "fails", "breaks"]],
    ],
    ["await tools.echo({ toJSON() { return { made: 'by toJSON' } } })", { made: "by toJSON" }],
  ])("%s", async (source, value) => {
    expect(await valueOf(source, { tools })).toEqual(value);
  });

  test("an uncaught failure is the run's error, with the guest's own line", async () => {
    expect(errorOf(await runOnce("1;\nawait tools.fails({})", { tools }))).toMatchObject({
      name: "ToolError",
      message: "the author's words",
    });
  });

  test("nothing of the host's own failure reaches the guest", async () => {
    const seen = String(
      await valueOf(
        "await tools.breaks({}).catch((e) => e.message + e.stack + JSON.stringify(Object.getOwnPropertyNames(e)))",
        { tools },
      ),
    );
    expect(seen).not.toMatch(/secret|\/etc|node:|\.ts/);
  });

  test("a call that nobody awaits still ends before the run does", async () => {
    const calls: unknown[] = [];
    const record = tool({ run: (input) => later(input as never).then((value) => (calls.push(value), null)) });
    expect(await valueOf("tools.record({ n: 1 }); 'value'", { tools: { record } })).toBe("value");
    expect(calls).toEqual([{ n: 1 }]);
  });

  test("the answer of a call from before a reset goes nowhere", async () => {
    const sandbox = await javascript({ tools: { slow: tool({ run: () => later("old") }) } });
    const stopped = await sandbox.run(
      "globalThis.got = []; tools.slow({}).then((x) => got.push(x)); setTimeout(() => { for (;;); }, 0); 1",
      { limits: { fuel: 50_000_000 } },
    );
    expect(stopped).toMatchObject({ status: "limit", limit: "fuel", sandbox: "reset" });
    expect(okValue(await sandbox.run("await new Promise((r) => setTimeout(r, 50)); typeof got"))).toBe("undefined");
  });
});
