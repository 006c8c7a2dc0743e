/* oxlint-disable unicorn/no-thenable -- thenables are part of the attack */
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Sandbox, tool, ToolError } from "../../src/index.ts";
import type { RunResult, SandboxOptions, Tool } from "../../src/index.ts";

const CANARY = "canary-5d1f";
const open: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

const languages = {
  javascript: {
    call: (name: string, json: string) => `await tools.${name}(${json})`,
    caught: (name: string) => `try { JSON.stringify(await tools.${name}({})) } catch (e) { e.name + ': ' + e.message }`,
    value: "41 + 1",
    all: (count: number) =>
      `(await Promise.all(Array.from({ length: ${count} }, (_, n) => tools.t({ n })))).reduce((a, b) => a + b, 0)`,
    forgotten: "globalThis.late = () => tools.t({}); setTimeout(() => { for (;;); }, 0); tools.t({}); 0",
    big: "const text = 'x'.repeat(1_000_000); const out = []; for (let i = 0; i < 40; i++) out.push(tools.t({ text }).then(() => 'ok', (e) => e.name)); await Promise.race(out); (await Promise.race([Promise.all(out), new Promise((r) => setTimeout(r, 50, out))])).length",
  },
  python: {
    call: (name: string, json: string) => `import json\nawait tools["${name}"](json.loads(${JSON.stringify(json)}))`,
    caught: (name: string) =>
      `import json\ntry:\n  r = json.dumps(await tools["${name}"](), separators=(",", ":"))\nexcept Exception as e:\n  r = type(e).__name__ + ": " + str(e)\nr`,
    value: "41 + 1",
    all: (count: number) => `import asyncio\nsum(await asyncio.gather(*[tools.t(n=n) for n in range(${count})]))`,
    forgotten:
      "async def late():\n  await tools.t()\nimport asyncio\ntask = asyncio.ensure_future(late())\nawait asyncio.sleep(0)\nwhile True: pass",
    big: "out = []\nfor i in range(40):\n  try:\n    out.append(tools.t(text='x' * 1_000_000))\n  except Exception as e:\n    out.append(type(e).__name__)\nlen(out)",
  },
} as const;

describe.each(["javascript", "python"] as const)("%s", (language) => {
  const programs = languages[language];
  const create = async (tools: Record<string, Tool>, options: Partial<SandboxOptions> = {}): Promise<Sandbox> => {
    const sandbox = await Sandbox.create({
      language,
      tools,
      ...options,
      limits: { timeoutMs: 60_000, toolCalls: 20_000, ...options.limits },
    });
    open.push(sandbox);
    return sandbox;
  };
  const run = async (source: string, tools: Record<string, Tool>): Promise<RunResult> =>
    await (await create(tools)).run(source);
  const answer = async (t: Tool): Promise<unknown> => {
    const sandbox = await create({ t });
    const result = await sandbox.run(programs.caught("t"));
    if (result.status !== "ok") throw new Error(`ended with ${result.status}`);
    // Whatever the tool did, the sandbox goes on.
    expect(await sandbox.run(programs.value)).toMatchObject({ status: "ok", value: 42 });
    return result.value;
  };
  const returning = (make: () => unknown): Tool => tool({ run: make });

  describe("what a tool returns", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const deep = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`) as unknown;
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const notJson = 'ToolResultError: Tool "t" returned a value that is not JSON: it';

    test.each<[string, () => unknown, unknown]>([
      ["nothing", () => undefined, "null"],
      ["a function", () => () => 1, "null"],
      ["a symbol", () => Symbol("x"), "null"],
      ["NaN and infinities", () => [Number.NaN, Number.POSITIVE_INFINITY, -0], "[null,null,0]"],
      ["a date", () => new Date(0), '"1970-01-01T00:00:00.000Z"'],
      ["a map", () => new Map([[1, 2]]), "{}"],
      ["a cycle", () => cycle, `${notJson} holds a cycle or a bigint`],
      ["a bigint", () => ({ n: 1n }), `${notJson} holds a cycle or a bigint`],
      [
        "depth",
        () => deep,
        expect.stringMatching(
          /^ToolResultError: Tool "t" returned (too much: its results nest deeper than 100 levels|a value that is not JSON)/,
        ),
      ],
      [
        "a million values",
        () => Array.from({ length: 200_000 }, () => 1),
        'ToolResultError: Tool "t" returned too much: its results hold 200001 values, above the 100000 allowed',
      ],
      [
        "a huge text",
        () => "x".repeat(2_000_000),
        'ToolResultError: Tool "t" returned too much: its results are 2000002 characters of JSON, above the 1048576 allowed',
      ],
      [
        "a getter that throws",
        () => ({
          get a(): never {
            throw new Error(CANARY);
          },
        }),
        `${notJson} cannot be read`,
      ],
      [
        "toJSON that throws",
        () => ({
          toJSON: () => {
            throw new TypeError(CANARY);
          },
        }),
        `${notJson} holds a cycle or a bigint`,
      ],
      [
        "a proxy that throws",
        () =>
          new Proxy(
            {},
            {
              ownKeys: () => {
                throw new Error(CANARY);
              },
            },
          ),
        `${notJson} cannot be read`,
      ],
      ["a revoked proxy", () => revoked.proxy, 'ToolError: Tool "t" failed'],
      [
        "a then that throws",
        () => ({
          get then(): never {
            throw new Error(CANARY);
          },
        }),
        'ToolError: Tool "t" failed',
      ],
      ["a then that is data", () => ({ then: 1 }), '{"then":1}'],
      [
        "a thenable that settles twice and throws",
        () => ({
          then: (resolve: (value: unknown) => void) => {
            resolve(1);
            resolve(2);
            throw new Error(CANARY);
          },
        }),
        "1",
      ],
      [
        "a thenable of a thenable",
        () => ({
          then: (resolve: (value: unknown) => void) =>
            resolve({ then: (again: (value: unknown) => void) => again("deep") }),
        }),
        '"deep"',
      ],
      ["a promise of what is no JSON", async () => await Promise.resolve(1n), `${notJson} holds a cycle or a bigint`],
      [
        "keys that are special",
        () => JSON.parse('{"__proto__":{"polluted":1},"constructor":1}') as unknown,
        '{"__proto__":{"polluted":1},"constructor":1}',
      ],
    ])("%s", async (_name, make, expected) => {
      expect(await answer(returning(make))).toEqual(expected);
    });

    test("text with lone surrogates and NUL arrives as it is", async () => {
      const text = "\ud800\0\udc00é😀\u2028";
      expect(await run(programs.call("t", "{}"), { t: returning(() => text) })).toMatchObject({
        status: "ok",
        value: text,
      });
    });

    test("keys that are special pollute nothing in the guest", async () => {
      const t = returning(() => JSON.parse('{"__proto__":{"polluted":1}}') as unknown);
      const source =
        language === "python"
          ? "r = tools.t()\n[type(r).__name__, list(r)]"
          : "const r = await tools.t(); [({}).polluted, Object.keys(r), Object.getPrototypeOf(r) === Object.prototype]";
      expect(await run(source, { t })).toMatchObject({
        status: "ok",
        value: language === "python" ? ["dict", ["__proto__"]] : [undefined, ["__proto__"], true],
      });
    });
  });

  describe("what a tool throws", () => {
    const sneaky = Object.defineProperty(new ToolError("x"), "message", {
      get: () => {
        throw new Error(CANARY);
      },
    });
    const revoked = Proxy.revocable(new ToolError(CANARY), {});
    revoked.revoke();
    test.each<[string, unknown]>([
      ["nothing", undefined],
      ["null", null],
      ["a symbol", Symbol(CANARY)],
      ["a text", CANARY],
      ["an error", new Error(CANARY)],
      ["an object with a message", { message: CANARY, name: "ToolError" }],
      ["a revoked proxy of a ToolError", revoked.proxy],
      ["a ToolError without a message of its own", sneaky],
      [
        "a ToolError whose message is no text",
        Object.assign(new ToolError("x"), { message: { toString: () => CANARY } }),
      ],
    ])("%s", async (_name, thrown) => {
      for (const t of [
        returning(() => {
          throw thrown;
        }),
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is the attack
        returning(async () => await Promise.reject(thrown)),
      ])
        expect(await answer(t)).toBe('ToolError: Tool "t" failed');
    });

    test("a long message is cut", async () => {
      const value = String(
        await answer(
          returning(() => {
            throw new ToolError("x".repeat(100_000));
          }),
        ),
      );
      expect(value.length).toBeLessThan(5_000);
    });
  });

  describe("a schema", () => {
    const schema = (validate: (value: unknown) => unknown) => ({
      "~standard": { version: 1 as const, vendor: "attack", validate: validate as never },
    });
    test.each<[string, (value: unknown) => unknown]>([
      [
        "that throws",
        () => {
          throw new Error(CANARY);
        },
      ],
      ["that rejects", async () => await Promise.reject(new Error(CANARY))],
      ["that answers nothing", () => undefined],
      [
        "with issues that throw",
        () => ({
          issues: [
            {
              get message(): string {
                throw new Error(CANARY);
              },
            },
          ],
        }),
      ],
      ["with issues that are none", () => ({ issues: 5 })],
    ])("%s", async (_name, validate) => {
      for (const t of [
        tool({ input: schema(validate), run: () => 1 }),
        tool({ output: schema(validate), run: () => 1 }),
      ])
        expect(await answer(t)).toMatch(
          /^Tool(Argument|Result)?Error: (Tool "t" failed|Invalid arguments: the schema refused them|Tool "t" returned something else than it declares)$/,
        );
    });

    test("that never answers is ended by the deadline", async () => {
      const t = tool({ input: schema(() => new Promise(() => undefined)), run: () => 1 });
      const sandbox = await create({ t }, { limits: { timeoutMs: 150 } });
      expect(await sandbox.run(programs.call("t", "{}"))).toMatchObject({
        status: "limit",
        limit: "time",
        sandbox: "reset",
        calls: [{ outcome: "abandoned" }],
      });
      expect(await sandbox.run(programs.value)).toMatchObject({ status: "ok", value: 42 });
    });
  });

  test("names are names", async () => {
    const names = [
      "__proto__",
      "constructor",
      "then",
      "toString",
      "hasOwnProperty",
      "__class__",
      "__dict__",
      "__iter__",
      "self",
      "name",
      "sync",
    ];
    const tools = Object.fromEntries(
      [...names, "class", "import", "None"].map((name) => [name, tool({ run: () => `I am ${name}` })]),
    );
    Object.defineProperty(tools, "__proto__", { value: tool({ run: () => "I am __proto__" }), enumerable: true });
    const all = Object.keys(tools);
    const source =
      language === "python"
        ? `[tools[n]() for n in ${JSON.stringify(all)}]`
        : `const out = []; for (const n of ${JSON.stringify(all)}) out.push(await tools[n]({})); out`;
    const result = await run(source, tools);
    expect(result).toMatchObject({ status: "ok", value: all.map((name) => `I am ${name}`) });
    expect(result.calls.map((call) => call.tool)).toEqual(all);
  });

  test("ten thousand calls at once are answered, each with its own answer", async () => {
    const t = tool({
      run: async ({ n }: { n: number }) => await new Promise((resolve) => setTimeout(resolve, n % 7, n)),
    });
    const result = await run(programs.all(10_000), { t });
    expect(result).toMatchObject({ status: "ok", value: 49_995_000, usage: { toolCalls: 10_000 } });
    expect(result.calls.length).toBe(10_000);
  });

  test("arguments of pending calls do not fill the host", async () => {
    const sandbox = await create(
      { t: tool({ run: () => new Promise(() => undefined) }) },
      { limits: { timeoutMs: 20_000, memoryBytes: 256 * 2 ** 20 } },
    );
    const { calls } = await sandbox.run(programs.big);
    expect(calls.filter(({ outcome }) => outcome === "abandoned").length).toBe(16);
    expect(calls.filter(({ outcome }) => outcome === "limit").length).toBe(24);
  });

  test("a tool that calls the sandbox is told that it is busy", async () => {
    const sandbox: Sandbox = await create({
      t: tool({
        run: async () => {
          await Promise.resolve();
          return await sandbox.run("1").then(
            () => "ran",
            (error: { code: string }) => error.code,
          );
        },
      }),
    });
    expect(await sandbox.run(programs.caught("t"))).toMatchObject({ status: "ok", value: '"busy"' });
  });

  test("answers that come after the run reach nobody, and calls from then are refused", async () => {
    let finish: (value: unknown) => void = () => undefined;
    let calls = 0;
    const sandbox = await create(
      {
        t: tool({
          run: () => {
            calls++;
            return new Promise((resolve) => (finish = resolve));
          },
        }),
      },
      { limits: { fuel: 2e8 } },
    );
    const result = await sandbox.run(programs.forgotten);
    expect(result).toMatchObject({ status: "limit" });
    finish(CANARY);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await sandbox.run(programs.value)).toMatchObject({ status: "ok", value: 42, calls: [] });
    expect(calls).toBe(1);
  });

  test("any JSON crosses both ways as it is", async () => {
    let seen: unknown;
    const sandbox = await create({
      t: tool({
        run: (input) => {
          seen = input;
          return (input as { v: unknown }).v;
        },
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }), async (v) => {
        const json = JSON.stringify({ v });
        const result = await sandbox.run(programs.call("t", json));
        // JSON has no -0; a Python guest tells 1 from 1.0, JavaScript doesn't.
        expect(result.status).toBe("ok");
        expect(seen).toEqual(JSON.parse(json));
        if (result.status === "ok")
          expect(JSON.parse(JSON.stringify(result.calls[0]?.result))).toEqual((JSON.parse(json) as { v: unknown }).v);
      }),
      { numRuns: 60 },
    );
  });
});

describe("javascript: a guest that breaks its own language", () => {
  test.each([
    "JSON.stringify = () => { throw 1 }; JSON.parse = () => 'forged'",
    "Promise.prototype.then = () => 'forged'; Promise.resolve = () => 'forged'",
    "Object.defineProperty(Object.prototype, 'then', { get() { throw 1 } , configurable: true }); delete Object.prototype.then",
    "Array.prototype[Symbol.iterator] = function* () { yield 'forged' }",
    "String.prototype.charCodeAt = () => 118; String.prototype.slice = () => '\"forged\"'",
    "Map.prototype.get = () => class { constructor() { throw 'forged' } }",
    "for (const k of Reflect.ownKeys(Array.prototype)) try { Object.defineProperty(Array.prototype, k, { get() { throw 1 } }) } catch {}",
  ])("%s", async (attack) => {
    const sandbox = await Sandbox.create({
      language: "javascript",
      tools: { t: tool({ run: (input) => input }), no: tool({ run: () => 1, approve: () => false }) },
    });
    open.push(sandbox);
    const result = await sandbox.run(
      `${attack}; let caught; try { tools.no.sync({}) } catch (e) { caught = e.name } caught + tools.t.sync({ a: 1 }).a`,
    );
    expect(result).toMatchObject({ status: "ok", value: "ToolDeniedError1" });
  });
});
