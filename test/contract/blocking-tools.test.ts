// The blocking form of asynchronous tools: the guest's thread sleeps where it may, and is told to await elsewhere.
import { afterEach, describe, expect, test } from "vitest";
import { Sandbox, tool, ToolError } from "../../src/index.ts";
import type { Execution, RunResult, SandboxOptions } from "../../src/index.ts";

const open: Sandbox[] = [];

afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

async function create(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await Sandbox.create(options);
  open.push(sandbox);
  return sandbox;
}

const later = async <T>(value: T): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return value;
};

const tools = {
  add: tool({ run: ({ a, b }: Readonly<Record<string, number>>) => (a ?? 0) + (b ?? 0) }),
  later: tool({ run: async ({ n }) => await later({ twice: 2 * Number(n) }) }),
  refused: tool({ run: () => 1, approve: async () => await later(false) }),
  fails: tool({
    run: async () => {
      await later(1);
      throw new ToolError("no such thing");
    },
  }),
  hangs: tool({ run: () => new Promise(() => undefined) }),
};

/** Calls by the blocking form, as both languages write them. */
const programs = {
  javascript: {
    add: "tools.add.sync({ a: 1, b: 2 })",
    later: "tools.later.sync({ n: 21 }).twice",
    many: "let sum = 0; for (let n = 0; n < 20; n++) sum += tools.later.sync({ n }).twice; sum",
    mixed:
      "const first = tools.later({ n: 1 }); const second = tools.later.sync({ n: 2 }); [(await first).twice, second.twice]",
    fails: "try { tools.fails.sync({}) } catch (error) { `${error.name}: ${error.message}` }",
    refused: "try { tools.refused.sync({}) } catch (error) { error.code }",
    hangs: "tools.hangs.sync({})",
    told: "try { tools.later.sync({ n: 1 }) } catch (error) { `${error.name}: ${error.message}` }",
  },
  python: {
    add: "tools.add.sync(a=1, b=2)",
    later: "tools.later.sync(n=21)['twice']",
    many: "sum(tools.later.sync({'n': n})['twice'] for n in range(20))",
    mixed: "first = tools.later(n=1)\nsecond = tools.later.sync(n=2)\n[(await first)['twice'], second['twice']]",
    fails: "try:\n  r = tools.fails.sync()\nexcept Exception as error:\n  r = f'{type(error).__name__}: {error}'\nr",
    refused: "try:\n  r = tools.refused.sync()\nexcept Exception as error:\n  r = error.code\nr",
    hangs: "tools.hangs.sync()",
    told: "try:\n  r = tools.later.sync(n=1)\nexcept Exception as error:\n  r = f'{type(error).__name__}: {error}'\nr",
  },
} as const;

function valueOf(result: RunResult): unknown {
  if (result.status !== "ok") throw new Error(`the run ended with ${JSON.stringify(result)}`);
  return result.value;
}

describe.each(["javascript", "python"] as const)("blocking calls, %s", (language) => {
  const { add, later: asynchronous, many, mixed, fails, refused, hangs, told } = programs[language];

  describe.each<Execution>(["worker", "process"])("in a %s", (execution) => {
    test("wait for asynchronous tools, with everything that a call goes through", async () => {
      const sandbox = await create({ language, execution, tools });
      const results = [];
      for (const source of [add, asynchronous, many, fails, refused]) results.push(await sandbox.run(source));
      expect(results.map(valueOf)).toEqual([3, 42, 380, "ToolError: no such thing", "denied"]);
      expect(results.map(({ calls }) => calls.map(({ outcome }) => outcome).join())).toEqual([
        "ok",
        "ok",
        Array.from({ length: 20 }, () => "ok").join(),
        "error",
        "denied",
      ]);
    });

    test("do not lose what ends meanwhile", async () => {
      const sandbox = await create({ language, execution, tools });
      expect(valueOf(await sandbox.run(mixed))).toEqual([2, 4]);
    });

    test("end at the deadline and by an abort, and the sandbox goes on", async () => {
      const sandbox = await create({ language, execution, tools });
      expect(await sandbox.run(hangs, { limits: { timeoutMs: 400 } })).toMatchObject({
        status: "limit",
        limit: "time",
      });
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("enough")), 200);
      expect(await sandbox.run(hangs, { signal: controller.signal })).toMatchObject({
        status: "aborted",
        reason: "enough",
      });
      expect(valueOf(await sandbox.run(asynchronous))).toBe(42);
    });

    test("are told to await in a run that its caller answers", async () => {
      const sandbox = await create({ language, execution, tools });
      expect(valueOf(await sandbox.run(told, { suspend: "on-tool" }))).toMatch(/^ToolError: Tool .* answers later/);
    });
  });

  test("on the host's own thread are told to await", async () => {
    const sandbox = await create({ language, tools });
    expect(valueOf(await sandbox.run(add))).toBe(3);
    expect(valueOf(await sandbox.run(told))).toMatch(
      /^ToolError: Tool .later. answers later: write .*await tools\.later/,
    );
    expect(valueOf(await sandbox.run(mixed.replace("tools.later.sync", "await tools.later")))).toEqual([2, 4]);
  });
});
