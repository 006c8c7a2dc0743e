import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Sandbox, tool, ToolError } from "../../../src/index.ts";
import type { Approval, ApprovalRequest, SandboxOptions, Tool } from "../../../src/index.ts";

const later = async <T>(value: T): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return value;
};

const languages = {
  javascript: {
    call: (name: string, json = "{}") => `await tools.${name}(${json})`,
    caught: (name: string, json = "{}") =>
      `try { await tools.${name}(${json}) } catch (e) { [e instanceof ToolError, e.constructor.name, e.name, e.code, e.message] }`,
    classes:
      "[ToolDeniedError, ToolLimitError, ToolNotFoundError, ToolArgumentError, ToolResultError].map((c) => [c.name, c.prototype.code, Object.getPrototypeOf(c) === ToolError])",
  },
  python: {
    call: (name: string, json = "{}") => `await tools.${name}(${json})`,
    caught: (name: string, json = "{}") =>
      `import wardian\ntry:\n  await tools.${name}(${json})\nexcept wardian.ToolError as e:\n  r = [True, type(e).__name__, type(e).__name__, e.code, str(e)]\nr`,
    classes:
      "import wardian\n[[c.__name__, c.code, c.__base__ is wardian.ToolError] for c in (wardian.ToolDeniedError, wardian.ToolLimitError, wardian.ToolNotFoundError, wardian.ToolArgumentError, wardian.ToolResultError)]",
  },
} as const;

describe.each(["javascript", "python"] as const)("%s", (language) => {
  const programs = languages[language];
  const create = async (tools: Record<string, Tool>, options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
    await Sandbox.create({ language, tools, ...options, limits: { timeoutMs: 30_000, ...options.limits } });
  const run = async (source: string, tools: Record<string, Tool>, options: Partial<SandboxOptions> = {}) => {
    const sandbox = await create(tools, options);
    const result = await sandbox.run(source);
    sandbox.close();
    return result;
  };
  /** What the guest catches: class, code, message. */
  const failure = (name: string, code: string, message: string): object => ({
    status: "ok",
    value: [true, name, name, code, message],
  });

  test("error classes have the names and codes of the list", async () => {
    expect(await run(programs.classes, {})).toMatchObject({
      status: "ok",
      value: [
        ["ToolDeniedError", "denied", true],
        ["ToolLimitError", "limit", true],
        ["ToolNotFoundError", "unknown", true],
        ["ToolArgumentError", "invalid-arguments", true],
        ["ToolResultError", "invalid-result", true],
      ],
    });
  });

  describe("approve", () => {
    const source = programs.caught("t", '{"n": "2"}');
    const calls: unknown[] = [];
    const asking = (approve: (request: ApprovalRequest) => unknown): Tool =>
      tool({
        input: z.object({ n: z.string().transform(Number), unit: z.string().default("kg") }),
        run: (input) => {
          calls.push(input);
          return input.n;
        },
        approve: approve as () => Approval,
      });

    test.each<[string, (request: ApprovalRequest) => unknown]>([
      ["true", () => true],
      ["a promise of it", () => later(true)],
      ["an object that says so", () => ({ approved: true })],
    ])("lets the call through with %s", async (_name, approve) => {
      calls.length = 0;
      expect(await run(programs.call("t", '{"n": "2"}'), { t: asking(approve) })).toMatchObject({
        status: "ok",
        value: 2,
      });
      expect(calls).toEqual([{ n: 2, unit: "kg" }]);
    });

    test.each<[string, (request: ApprovalRequest) => unknown]>([
      ["false", () => false],
      ["nothing", () => undefined],
      ["something true", () => "yes"],
      ["one", () => 1],
      ["a promise of false", () => later(false)],
      ["an object that does not say so", () => ({ approved: "true" })],
      [
        "an error",
        () => {
          throw new Error("/etc/secret");
        },
      ],
      [
        "a rejection",
        async () => {
          await later(0);
          throw new Error("/etc/secret");
        },
      ],
      [
        "a getter that throws",
        () => ({
          get approved(): boolean {
            throw new Error("/etc/secret");
          },
        }),
      ],
    ])("denies with %s", async (_name, approve) => {
      calls.length = 0;
      const result = await run(source, { t: asking(approve) });
      expect(result).toMatchObject({
        status: "ok",
        value: [
          true,
          expect.any(String),
          expect.any(String),
          expect.any(String),
          expect.not.stringContaining("secret"),
        ],
        calls: [{ outcome: _name === "a getter that throws" ? "error" : "denied" }],
      });
      expect(calls).toEqual([]);
    });

    test("tells the guest the reason that was meant for it", async () => {
      expect(await run(source, { t: asking(() => ({ approved: false, reason: "not today" })) })).toMatchObject(
        failure("ToolDeniedError", "denied", 'The call of tool "t" was denied: not today'),
      );
      expect(
        await run(source, {
          t: asking(() => {
            throw new ToolError("ask your manager");
          }),
        }),
      ).toMatchObject(failure("ToolDeniedError", "denied", "ask your manager"));
    });

    test("sees the checked arguments, as a copy, and who called", async () => {
      calls.length = 0;
      const seen: unknown[] = [];
      const result = await run(programs.call("t", '{"n": "2"}'), {
        t: asking((request) => {
          seen.push([request.tool, request.id, request.signal.aborted, structuredClone(request.arguments)]);
          (request.arguments as { n: number }).n = 1_000_000;
          return { approved: true, by: "kim" };
        }),
      });
      expect(seen).toEqual([["t", 0, false, { n: 2, unit: "kg" }]]);
      expect(calls).toEqual([{ n: 2, unit: "kg" }]);
      expect(result.calls).toMatchObject([{ approvedBy: "kim", outcome: "ok", arguments: { n: "2" }, result: 2 }]);
    });

    test("is not asked for invalid arguments", async () => {
      let asked = 0;
      const t = asking(() => ++asked > 0);
      expect(await run(programs.caught("t", '{"n": 2}'), { t })).toMatchObject(
        failure(
          "ToolArgumentError",
          "invalid-arguments",
          "Invalid arguments: n: Invalid input: expected string, received number",
        ),
      );
      expect(asked).toBe(0);
    });

    test("that comes after the end of the run calls nothing", async () => {
      calls.length = 0;
      let approve: (value: boolean) => void = () => undefined;
      let aborted = 0;
      const t = asking(
        ({ signal }) =>
          new Promise((resolve) => {
            approve = resolve;
            signal.addEventListener("abort", () => aborted++);
          }),
      );
      const result = await run(source, { t }, { limits: { timeoutMs: 100 } });
      expect(result).toMatchObject({ status: "limit", limit: "time", calls: [{ tool: "t", outcome: "abandoned" }] });
      approve(true);
      await later(0);
      expect([calls, aborted]).toEqual([[], 1]);
    });

    test("that cannot be waited for calls nothing either", async () => {
      calls.length = 0;
      const sandbox = await create({ t: asking(() => later(true)) });
      expect(sandbox.runSync(source)).toMatchObject({ status: "ok", calls: [{ outcome: "error" }] });
      await later(0);
      await later(0);
      expect(calls).toEqual([]);
      sandbox.close();
    });
  });

  describe("maxCalls", () => {
    test("counts calls with valid arguments, in one run", async () => {
      let runs = 0;
      const t = tool({ input: z.object({ n: z.number() }), run: () => ++runs, approve: () => runs < 1, maxCalls: 2 });
      const sandbox = await create({ t });
      const bad = programs.caught("t", '{"n": "x"}');
      const good = programs.caught("t", '{"n": 1}');
      const result = await sandbox.run([bad, bad, good, good, good].join("\n"));
      expect(result).toMatchObject(
        failure("ToolLimitError", "limit", 'Cannot call tool "t": its limit of 2 calls is reached'),
      );
      expect(result.calls.map(({ outcome }) => outcome)).toEqual([
        "invalid-arguments",
        "invalid-arguments",
        "ok",
        "denied",
        "limit",
      ]);
      expect(runs).toBe(1);
      expect((await sandbox.run(good)).calls).toMatchObject([{ outcome: "denied" }]);
      sandbox.close();
    });

    test("of zero and of the run refuse all", async () => {
      const t = tool({ run: () => 1, maxCalls: 0 });
      expect(await run(programs.caught("t"), { t })).toMatchObject(
        failure("ToolLimitError", "limit", 'Cannot call tool "t": its limit of 0 calls is reached'),
      );
      const result = await run(programs.caught("t"), { t }, { limits: { toolCalls: 0 } });
      expect(result).toMatchObject({ calls: [{ outcome: "limit" }], usage: { toolCalls: 0 } });
    });
  });

  describe("results", () => {
    test("are checked and made what the schema says", async () => {
      const output = z.object({ at: z.date().transform((date) => date.toISOString()) });
      const t = tool({ output, run: () => ({ at: new Date(0), secret: "s" }) });
      expect(await run(programs.call("t"), { t })).toMatchObject({
        status: "ok",
        value: { at: "1970-01-01T00:00:00.000Z" },
      });
      const wrong = tool({ output: z.object({ n: z.number() }), run: () => ({ n: "secret" }) as never });
      const result = await run(programs.caught("wrong"), { wrong });
      expect(result).toMatchObject(
        failure("ToolResultError", "invalid-result", 'Tool "wrong" returned something else than it declares'),
      );
      expect(String(result.calls[0]?.error)).toContain("n: Invalid input: expected number");
    });

    test("of a schema that waits", async () => {
      const t = tool({
        input: z.object({ n: z.number().refine(async (n) => await later(n > 0)) }),
        output: z.number().refine(async (n) => await later(n < 10)),
        run: async ({ n }) => await later(n * 2),
      });
      expect(await run(programs.call("t", '{"n": 4}'), { t })).toMatchObject({ status: "ok", value: 8 });
      expect((await run(programs.caught("t", '{"n": 5}'), { t })).calls).toMatchObject([{ outcome: "invalid-result" }]);
      expect((await run(programs.caught("t", '{"n": -5}'), { t })).calls).toMatchObject([
        { outcome: "invalid-arguments" },
      ]);
    });
  });
});

test("tool() tells what is wrong with an option", () => {
  const base = { run: () => 1 };
  const wrong = (options: object, message: string): void =>
    expect(() => tool({ ...base, ...options })).toThrow(message);
  wrong({ output: {} }, "Cannot define a tool: output must be a Standard Schema");
  wrong({ approve: true }, "approve must be a function");
  wrong({ maxCalls: -1 }, "maxCalls is -1, and must be a whole number of calls, 0 or more");
  wrong({ maxCalls: "3" }, "maxCalls must be a number of calls, not string");
  wrong({ redact: "password" }, "redact must be a list of property names or a function");
  wrong({ redact: [1] }, "redact must be a list of property names or a function");
  wrong({ inputJsonSchema: "{}" }, "inputJsonSchema must be an object");
  wrong({ aprove: () => true }, '"aprove" is not an option; the options are description, input');
});

test("types follow the schemas", () => {
  tool({ input: z.object({ n: z.string().transform(Number) }), run: ({ n }) => n.toFixed(2) });
  tool({ output: z.object({ n: z.number() }), run: () => ({ n: 1 }) });
  // @ts-expect-error -- not what the schema of the result takes
  tool({ output: z.object({ n: z.number() }), run: () => ({ n: "1" }) });
  // @ts-expect-error -- no such argument
  tool({ input: z.object({ n: z.number() }), run: ({ m }) => m as unknown });
});
