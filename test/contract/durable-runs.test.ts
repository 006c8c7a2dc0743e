import { describe, expect, test } from "vitest";
import { Sandbox, tool } from "../../src/index.ts";
import type { CallAnswer, Language, RunResult, SandboxOptions } from "../../src/index.ts";
import { executionUnderTest, sampleOf } from "../support/execution.ts";
import { kept } from "../support/kept-sandboxes.ts";

interface Programs {
  /** Adds what two calls give, one after the other. */
  readonly twoSteps: string;
  /** Waits for three calls at once; gives their results, and the message of the one that fails. */
  readonly together: string;
  /** Races a call against a timer of 50 ms. */
  readonly raced: string;
  /** Reads the input, or half of it, before a call, and what is left behind it. */
  readonly reads: string;
  readonly busy: string;
  readonly recall: string;
}

const execution = executionUnderTest();

const languages: readonly [Language, Programs][] = [
  [
    "javascript",
    {
      twoSteps:
        'console.log("begin"); const a = await tools.fetchPage({ url: "a" }); console.log("middle"); const b = await tools.fetchPage({ url: "b" }); globalThis.sum = a + b; console.log("end"); sum',
      together:
        "const all = await Promise.allSettled([1, 2, 3].map((n) => tools.fetchPage({ n }))); all.map((one) => one.value ?? one.reason.message)",
      raced: 'await Promise.race([tools.fetchPage({}), new Promise((resolve) => setTimeout(resolve, 50, "late"))])',
      reads:
        'const { readFileSync } = await import("node:fs"); const a = readFileSync(0, "utf8"); await tools.fetchPage({}); a + readFileSync(0, "utf8")',
      busy: "await tools.fetchPage({}); for (;;) {}",
      recall: "sum",
    },
  ],
  [
    "python",
    {
      twoSteps:
        'print("begin"); a = await tools.fetchPage(url="a"); print("middle"); b = await tools.fetchPage(url="b"); sum_ = a + b; print("end"); sum_',
      together:
        "import asyncio\nall = await asyncio.gather(*[tools.fetchPage(n=n) for n in (1, 2, 3)], return_exceptions=True)\n[str(one) if isinstance(one, Exception) else one for one in all]",
      raced:
        'import asyncio\ntry:\n    answer = await asyncio.wait_for(tools.fetchPage(), 0.05)\nexcept TimeoutError:\n    answer = "late"\nanswer',
      reads: "import sys\na = sys.stdin.read(4)\nawait tools.fetchPage()\na + sys.stdin.read(4)",
      busy: "await tools.fetchPage()\nwhile True: pass",
      recall: "sum_",
    },
  ],
];

const never = tool({
  run: () => {
    throw new Error("The tool's own function was called");
  },
});

function summary(result: RunResult): unknown {
  switch (result.status) {
    case "suspended":
      return { status: result.status, pending: result.pending, stdout: result.stdout };
    case "ok":
      return { status: result.status, value: result.value, stdout: result.stdout };
    default:
      return result;
  }
}

describe.each(sampleOf(languages))("a suspended run in %s", (language, programs) => {
  const options = (more: Partial<SandboxOptions> = {}): SandboxOptions => ({
    language,
    execution,
    tools: { fetchPage: never },
    ...more,
  });
  const suspend = { suspend: "on-tool" } as const;

  test("goes on with the answers of its caller, step by step", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    const first = await sandbox.run(programs.twoSteps, suspend);
    expect(summary(first)).toStrictEqual({
      status: "suspended",
      pending: [{ id: 0, tool: "fetchPage", arguments: { url: "a" } }],
      stdout: "begin\n",
    });
    expect(sandbox.pending).toStrictEqual([{ id: 0, tool: "fetchPage", arguments: { url: "a" } }]);
    const second = await sandbox.resume([{ id: 0, result: 40 }]);
    expect(summary(second)).toStrictEqual({
      status: "suspended",
      pending: [{ id: 1, tool: "fetchPage", arguments: { url: "b" } }],
      stdout: "middle\n",
    });
    const last = await sandbox.resume([{ id: 1, result: 2 }]);
    expect(summary(last)).toStrictEqual({ status: "ok", value: 42, stdout: "end\n" });
    expect(last.usage.toolCalls).toBe(2);
    expect(last.usage.outputBytes).toBe("begin\nmiddle\nend\n".length);
    expect(last.usage.fuel).toBeGreaterThan(second.usage.fuel);
    expect(second.usage.fuel).toBeGreaterThan(first.usage.fuel);
    expect(sandbox.pending).toBeUndefined();
    expect(summary(await sandbox.run(programs.recall))).toMatchObject({ value: 42 });
  });

  test("goes on in another sandbox, through a snapshot at every step, with the same fuel", async () => {
    const fixed = { clock: "virtual", random: { seed: 1 } } as const;
    const whole = await kept(Sandbox.create(options(fixed)));
    const here = [await whole.run(programs.twoSteps, suspend)];
    here.push(await whole.resume([{ id: 0, result: 40 }]));
    here.push(await whole.resume([{ id: 1, result: 2 }]));

    let sandbox = await kept(Sandbox.create(options(fixed)));
    const elsewhere = [await sandbox.run(programs.twoSteps, suspend)];
    for (const [id, result] of [40, 2].entries()) {
      const bytes = await sandbox.snapshot();
      sandbox.close();
      sandbox = await kept(Sandbox.restore(bytes, { ...options(fixed), identical: true }));
      expect(sandbox.pending?.map((call) => call.id)).toStrictEqual([id]);
      elsewhere.push(await sandbox.resume([{ id, result }]));
    }
    expect(elsewhere.map(summary)).toStrictEqual(here.map(summary));
    expect(elsewhere.map(({ usage }) => usage.fuel)).toStrictEqual(here.map(({ usage }) => usage.fuel));
    expect(elsewhere.map(({ calls }) => calls.map(({ id, outcome }) => [id, outcome]))).toStrictEqual([
      [[0, "pending"]],
      [
        [0, "ok"],
        [1, "pending"],
      ],
      [[1, "ok"]],
    ]);
  });

  test("takes some of its answers first, and errors", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    const first = await sandbox.run(programs.together, suspend);
    expect(first.status === "suspended" && first.pending.map(({ id }) => id)).toStrictEqual([0, 1, 2]);
    const second = await sandbox.resume([{ id: 1, error: "no such page" }]);
    expect(second.status === "suspended" && second.pending.map(({ id }) => id)).toStrictEqual([0, 2]);
    const third = await sandbox.resume([]);
    expect(third.status === "suspended" && third.pending.map(({ id }) => id)).toStrictEqual([0, 2]);
    expect(third.usage.fuel).toBe(second.usage.fuel);
    const last = await sandbox.resume([
      { id: 2, result: "c" },
      { id: 0, result: "a" },
    ]);
    expect(summary(last)).toMatchObject({ status: "ok", value: ["a", "no such page", "c"] });
  });

  test("refuses answers to calls that are not pending, and stays as it is", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    await expect(sandbox.resume([])).rejects.toMatchObject({ code: "not-suspended" });
    await sandbox.run(programs.together, suspend);
    for (const [answers, expected] of [
      [[{ id: 3, result: 1 }], { code: "unknown-call" }],
      [[{ id: "0", result: 1 }], { code: "unknown-call" }],
      [
        [
          { id: 0, result: 1 },
          { id: 0, result: 2 },
        ],
        { code: "unknown-call" },
      ],
      [[{ id: 0 }], TypeError],
      [[{ id: 0, result: 1, error: "e" }], TypeError],
      [[{ id: 0, error: 5 }], TypeError],
      [[null], TypeError],
      ["no list", TypeError],
    ] as const) {
      const refused = sandbox.resume(answers as unknown as CallAnswer[]);
      if (typeof expected === "function") await expect(refused).rejects.toThrow(expected);
      else await expect(refused).rejects.toMatchObject(expected);
    }
    await expect(sandbox.run("1")).rejects.toMatchObject({ code: "busy" });
    const last = await sandbox.resume([0, 1, 2].map((id) => ({ id, result: id })));
    expect(summary(last)).toMatchObject({ value: [0, 1, 2] });
    await expect(sandbox.resume([{ id: 0, result: 1 }])).rejects.toMatchObject({ code: "not-suspended" });
  });

  test("has no time pass for the guest meanwhile", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    await sandbox.run(programs.raced, suspend);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(summary(await sandbox.resume([{ id: 0, result: "in time" }]))).toMatchObject({ value: "in time" });
  });

  test("counts its fuel, time and calls over all stretches", async () => {
    const sandbox = await kept(Sandbox.create(options({ limits: { fuel: 2e9, toolCalls: 1 } })));
    await sandbox.run(programs.busy, suspend);
    const stopped = await sandbox.resume([{ id: 0, result: null }]);
    expect(stopped).toMatchObject({ status: "limit", limit: "fuel", allowed: 2e9, sandbox: "reset" });
    expect(stopped.usage.fuel).toBeLessThan(2.1e9);
    await sandbox.run(programs.twoSteps, suspend);
    const refused = await sandbox.resume([{ id: 0, result: 1 }]);
    expect(refused).toMatchObject({ status: "limit", limit: "tools" });
  });

  test("reads its input on where it stopped, in another sandbox too", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    await sandbox.run(programs.reads, { ...suspend, stdin: "abcdefgh" });
    const copy = await kept(Sandbox.restore(await sandbox.snapshot(), options()));
    expect(summary(await copy.resume([{ id: 0, result: 1 }]))).toMatchObject({ value: "abcdefgh" });
    expect(summary(await sandbox.resume([{ id: 0, result: 1 }]))).toMatchObject({ value: "abcdefgh" });
  });

  test("goes on in forks, each for itself", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    await sandbox.run(programs.twoSteps, suspend);
    const fork = await kept(sandbox.fork());
    await sandbox.resume([{ id: 0, result: 1 }]);
    await fork.resume([{ id: 0, result: 100 }]);
    expect(summary(await sandbox.resume([{ id: 1, result: 2 }]))).toMatchObject({ value: 3 });
    expect(summary(await fork.resume([{ id: 1, result: 2 }]))).toMatchObject({ value: 102 });
  });

  test("is given up by a reset, and ends with its signal", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    await sandbox.run(programs.twoSteps, suspend);
    await sandbox.reset();
    expect(sandbox.pending).toBeUndefined();
    expect(summary(await sandbox.run("1 + 1"))).toMatchObject({ value: 2 });
    await sandbox.run(programs.twoSteps, suspend);
    const stopped = await sandbox.resume([{ id: 0, result: 1 }], { signal: AbortSignal.abort("enough") });
    expect(stopped).toMatchObject({ status: "aborted", reason: "enough", sandbox: "reset" });
    expect(sandbox.pending).toBeUndefined();
  });

  test("asks schemas and approvals before, and checks the answers", async () => {
    const checked = tool({
      input: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: (value: unknown) => ({ value: { ...(value as object), checked: true } }),
        },
      },
      output: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: (value: unknown) =>
            typeof value === "number" ? { value: value * 2 } : { issues: [{ message: "no number" }] },
        },
      },
      approve: async ({ arguments: given }) => await Promise.resolve((given as { url?: string }).url !== "b"),
      run: (): number => {
        throw new Error("called");
      },
    });
    const sandbox = await kept(Sandbox.create(options({ tools: { fetchPage: checked } })));
    const first = await sandbox.run(programs.twoSteps, suspend);
    expect(first.status === "suspended" && first.pending[0]?.arguments).toStrictEqual({ url: "a", checked: true });
    const denied = await sandbox.resume([{ id: 0, result: 5 }]);
    expect(denied.status === "error" && denied.error.message).toContain("denied");
    expect(denied.calls.map(({ id, outcome }) => [id, outcome])).toStrictEqual([
      [0, "ok"],
      [1, "denied"],
    ]);
    expect(denied.calls[0]?.result).toBe(10);
    await sandbox.run(programs.together, suspend);
    const wrong = await sandbox.resume([0, 1, 2].map((id) => ({ id, result: id === 1 ? "text" : id })));
    expect(JSON.stringify(summary(wrong))).toContain("something else than it declares");
  });
});

test.runIf(execution === "inline")("runSync cannot be suspended", async () => {
  const sandbox = await kept(Sandbox.create({ language: "javascript" }));
  expect(() => sandbox.runSync("1", { suspend: "on-tool" })).toThrow("runSync cannot be suspended");
  await expect(sandbox.run("1", { suspend: "always" as "on-tool" })).rejects.toMatchObject({ code: "invalid-option" });
});
