// What every sandbox promises, whatever its language: the same tests run over all of them.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryDirectory, run, Sandbox, tool, ToolError, virtualClock } from "../../src/index.ts";
import type { Language, RunResult, SandboxOptions } from "../../src/index.ts";
import { executionUnderTest } from "../support/execution.ts";

/** The same little programs in each language. */
interface Programs {
  readonly value: string;
  readonly print: (text: string) => string;
  readonly printError: (text: string) => string;
  readonly define: string;
  readonly use: string;
  readonly loop: string;
  readonly throwing: string;
  readonly exit3: string | undefined;
  readonly hungry: string;
  readonly recurse: string;
  readonly sleepMs: (ms: number) => string;
  /** Waits with the host in charge of the thread. */
  readonly waitMs: (ms: number) => string;
  readonly never: string;
  readonly time: string;
  readonly random: string;
  readonly callTool: (name: string, json: string) => string;
  readonly callToolSync: (name: string, json: string) => string;
  readonly catchTool: (name: string) => string;
  readonly readFile: (path: string) => string;
  readonly writeFile: (path: string, text: string) => string;
  readonly readInput: string;
  readonly readArgs: string;
  readonly readEnv: (name: string) => string;
  readonly printForEver: string;
  readonly bigValue: string;
}

const javascript: Programs = {
  value: "6 * 7",
  print: (text) => `console.log(${JSON.stringify(text)})`,
  printError: (text) => `console.error(${JSON.stringify(text)})`,
  define: "let kept = 41; undefined",
  use: "kept + 1",
  loop: "for (;;) ;",
  throwing: "throw new TypeError('bad')",
  exit3: undefined,
  hungry: "let all = []; for (;;) all.push('x'.repeat(1e6) + all.length)",
  recurse: "(function f() { f() })()",
  sleepMs: (ms) => `await new Promise((resolve) => setTimeout(resolve, ${ms})); 1`,
  waitMs: (ms) => `await new Promise((resolve) => setTimeout(resolve, ${ms}))`,
  never: "await new Promise(() => {})",
  time: "Date.now()",
  random: "Math.random()",
  callTool: (name, json) => `await tools.${name}(${json})`,
  callToolSync: (name, json) => `tools.${name}.sync(${json})`,
  catchTool: (name) => `try { await tools.${name}({}) } catch (e) { e.name + ': ' + e.message }`,
  readFile: (path) => `(await import("node:fs")).readFileSync(${JSON.stringify(path)}, "utf8")`,
  writeFile: (path, text) =>
    `(await import("node:fs")).writeFileSync(${JSON.stringify(path)}, ${JSON.stringify(text)}); 1`,
  readInput: `(await import("node:fs")).readFileSync(0, "utf8")`,
  readArgs: `(await import("wardian:environment")).args`,
  readEnv: (name) => `(await import("wardian:environment")).env[${JSON.stringify(name)}]`,
  printForEver: "for (;;) console.log('x'.repeat(1000))",
  bigValue: "'x'.repeat(3e6)",
};

const python: Programs = {
  value: "6 * 7",
  print: (text) => `print(${JSON.stringify(text)})`,
  printError: (text) => `import sys\nprint(${JSON.stringify(text)}, file=sys.stderr)`,
  define: "kept = 41",
  use: "kept + 1",
  loop: "while True: pass",
  throwing: "raise TypeError('bad')",
  exit3: "import sys; sys.exit(3)",
  hungry: "all = []\nwhile True: all.append('x' * 1000000 + str(len(all)))",
  recurse: "def f(): f()\nf()",
  sleepMs: (ms) => `import time; time.sleep(${ms / 1000})\n1`,
  waitMs: (ms) => `import asyncio\nawait asyncio.sleep(${ms / 1000})`,
  never: "import asyncio\nawait asyncio.Future()",
  time: "import time; time.time() * 1000",
  random: "import random; random.random()",
  callTool: (name, json) => `await tools.${name}(${json})`,
  callToolSync: (name, json) => `tools.${name}(${json})`,
  catchTool: (name) =>
    `try:\n  r = await tools.${name}()\nexcept Exception as e:\n  r = type(e).__name__ + ': ' + str(e)\nr`,
  readFile: (path) => `open(${JSON.stringify(path)}).read()`,
  writeFile: (path, text) => `with open(${JSON.stringify(path)}, 'w') as f: f.write(${JSON.stringify(text)})\n1`,
  readInput: "import sys; sys.stdin.read()",
  readArgs: "import sys; sys.argv[1:]",
  readEnv: (name) => `import os; os.environ.get(${JSON.stringify(name)})`,
  printForEver: "while True: print('x' * 1000)",
  bigValue: "'x' * 3000000",
};

const languages: readonly [Language, Programs][] = [
  ["javascript", javascript],
  ["typescript", javascript],
  ["python", python],
];

function valueOf(result: RunResult): unknown {
  if (result.status !== "ok") throw new Error(`the run ended with ${JSON.stringify({ ...result, usage: undefined })}`);
  return result.value;
}

const execution = executionUnderTest();
const onThisThread = execution === "inline";

describe.each(languages)(`%s, ${execution}`, (language, programs) => {
  const open: Sandbox[] = [];
  const create = async (options: Omit<SandboxOptions, "language"> = {}): Promise<Sandbox> => {
    const sandbox = await Sandbox.create({ language, execution, ...options });
    open.push(sandbox);
    return sandbox;
  };

  afterEach(() => {
    for (const sandbox of open.splice(0)) sandbox.close();
  });

  describe("a run that ends well", () => {
    test("has value, output and usage", async () => {
      const sandbox = await create();
      const result = await sandbox.run(programs.value);
      expect(result).toEqual({
        status: "ok",
        value: 42,
        stdout: "",
        stderr: "",
        truncated: { stdout: 0, stderr: 0, displays: 0, calls: 0, files: 0 },
        displays: [],
        files: [],
        denials: [],
        calls: [],
        requests: [],
        sandbox: "kept",
        usage: {
          fuel: expect.any(Number),
          wallMs: expect.any(Number),
          memoryBytes: expect.any(Number),
          outputBytes: 0,
          toolCalls: 0,
          fileBytes: 0,
          requests: 0,
          networkBytes: 0,
        },
      });
      expect(result.usage.fuel).toBeGreaterThan(100);
      expect(result.usage.wallMs).toBeGreaterThan(0);
      expect(result.usage.memoryBytes).toBeGreaterThan(2 ** 20);
    });

    test("keeps both streams apart and streams them", async () => {
      const chunks: string[] = [];
      const sandbox = await create({ onOutput: ({ stream, text }) => chunks.push(`${stream}:${text}`) });
      const result = await sandbox.run(`${programs.print("größe €")}\n${programs.printError("warn")}`);
      expect(result).toMatchObject({ stdout: "größe €\n", stderr: "warn\n" });
      expect(chunks.join("")).toContain("größe €");
      expect(result.usage.outputBytes).toBe(17);
    });

    test("leaves its state to the next run, until reset", async () => {
      const sandbox = await create();
      await sandbox.run(programs.define);
      expect(valueOf(await sandbox.run(programs.use))).toBe(42);
      await sandbox.reset();
      expect(await sandbox.run(programs.use)).toMatchObject({
        status: "error",
        error: { name: expect.stringMatching(/ReferenceError|NameError/) },
      });
    });

    test.runIf(onThisThread)("synchronously gives the same", async () => {
      const sandbox = await create({ clock: "virtual" });
      expect(valueOf(sandbox.runSync(programs.value))).toBe(42);
      expect(valueOf(sandbox.runSync(programs.sleepMs(5_000)))).toBe(1);
    });
  });

  describe("the guest's own failure", () => {
    test("is an error with name, message, place and no host frame", async () => {
      const sandbox = await create();
      const result = await sandbox.run(`\n\n${programs.throwing}`, {
        filename: "task" + (language === "python" ? ".py" : ".ts"),
      });
      expect(result).toMatchObject({
        status: "error",
        error: { name: "TypeError", message: "bad", line: 3 },
        sandbox: "kept",
      });
      if (result.status !== "error") return;
      expect(result.error.traceback).toContain("task.");
      expect(result.error.traceback).not.toMatch(/node_modules|file:|\/src\/|\/dist\//);
    });

    test("an await that nothing can end is told", async () => {
      const sandbox = await create();
      expect(await sandbox.run(programs.never)).toMatchObject({ status: "error" });
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });

    test("endless recursion is the language's own error or the stack limit", async () => {
      const sandbox = await create();
      const result = await sandbox.run(programs.recurse);
      expect(result.status === "error" ? result.error.name : result).toMatch(/RecursionError|RangeError|InternalError/);
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });

    test.runIf(programs.exit3 !== undefined)("an exit code", async () => {
      const sandbox = await create();
      expect(await sandbox.run(programs.exit3 ?? "")).toMatchObject({ status: "error", error: { name: "SystemExit" } });
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });
  });

  describe("a limit", () => {
    test("of time stops an endless loop and the sandbox goes on from its start", async () => {
      const sandbox = await create({ limits: { timeoutMs: 100 } });
      await sandbox.run(programs.define);
      const result = await sandbox.run(programs.loop);
      expect(result).toMatchObject({ status: "limit", limit: "time", allowed: 100, sandbox: "reset" });
      expect(result.usage.fuel).toBeGreaterThan(1e6);
      expect(await sandbox.run(programs.use)).toMatchObject({ status: "error" });
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });

    test("of time ends a sleep", async () => {
      const sandbox = await create({ limits: { timeoutMs: 100 } });
      const started = performance.now();
      expect(await sandbox.run(programs.sleepMs(60_000))).toMatchObject({ status: "limit", limit: "time" });
      expect(performance.now() - started).toBeLessThan(10_000);
      if (onThisThread)
        expect(sandbox.runSync(programs.sleepMs(60_000))).toMatchObject({ status: "limit", limit: "time" });
    });

    test("of fuel is exact in what it reports", async () => {
      const sandbox = await create({ limits: { fuel: 5e7 } });
      const result = await sandbox.run(programs.loop);
      expect(result).toMatchObject({ status: "limit", limit: "fuel", allowed: 5e7, sandbox: "reset" });
      expect(result.usage.fuel).toBeGreaterThanOrEqual(5e7);
      expect(result.usage.fuel).toBeLessThan(5e7 + 2e6);
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });

    test("of memory holds", async () => {
      const memoryBytes = (language === "python" ? 64 : 32) * 2 ** 20;
      const sandbox = await create({ limits: { memoryBytes } });
      const result = await sandbox.run(programs.hungry);
      expect(result).toMatchObject({ status: "limit", limit: "memory", allowed: memoryBytes });
      expect(result.usage.memoryBytes).toBeLessThanOrEqual(memoryBytes);
      await sandbox.reset();
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });

    test("of output cuts what is too much and counts it", async () => {
      const sandbox = await create({ limits: { outputBytes: 5_000, fuel: 3e8 } });
      const result = await sandbox.run(programs.printForEver);
      expect(result).toMatchObject({ status: "limit", limit: "fuel" });
      expect(result.stdout.length).toBe(5_000);
      expect(result.truncated.stdout).toBe(result.usage.outputBytes - 5_000);
      expect(result.truncated.stdout).toBeGreaterThan(0);
    });

    test("of output bounds the value too", async () => {
      const sandbox = await create();
      expect(await sandbox.run(programs.bigValue)).toMatchObject({
        status: "limit",
        limit: "output",
        allowed: 2 ** 20,
        sandbox: "kept",
      });
    });

    test("can be tightened for one run and not widened", async () => {
      const sandbox = await create({ limits: { fuel: 1e9 } });
      expect(await sandbox.run(programs.loop, { limits: { fuel: 1e7 } })).toMatchObject({
        limit: "fuel",
        allowed: 1e7,
      });
      await expect(sandbox.run(programs.value, { limits: { fuel: 2e9 } })).rejects.toThrow(RangeError);
      await expect(sandbox.run(programs.value, { limits: { memoryBytes: 32 * 2 ** 20 } })).rejects.toThrow(
        "cannot change for one run",
      );
    });

    test("of tool calls refuses the next one", async () => {
      const sandbox = await create({ limits: { toolCalls: 0 }, tools: { one: tool({ run: () => 1 }) } });
      expect(valueOf(await sandbox.run(programs.catchTool("one")))).toBe(
        'ToolLimitError: Cannot call tool "one": the limit of 0 tool calls is reached',
      );
    });
  });

  describe("tools", () => {
    const tools = {
      add: tool({ run: ({ a, b }: { a: number; b: number }) => ({ sum: a + b, ключ: "\0\ud800" }) }),
      later: tool({
        run: async ({ n }: { n: number }) => await new Promise((resolve) => setTimeout(resolve, 5, n * 2)),
      }),
      fails: tool({
        run: () => {
          throw new ToolError("no such thing");
        },
      }),
      breaks: tool({ run: () => JSON.parse("{") as unknown }),
      hangs: tool({ run: () => new Promise(() => undefined) }),
      constructor: tool({ run: () => "just a name" }),
    };

    test("synchronous ones answer in both forms", async () => {
      const sandbox = await create({ tools });
      const expected = Object.assign(Object.create(null) as object, { sum: 3, ключ: "\0\ud800" });
      expect(valueOf(await sandbox.run(programs.callTool("add", '{"a": 1, "b": 2}')))).toEqual(expected);
      const result = await sandbox.run(programs.callToolSync("add", '{"a": 1, "b": 2}'));
      expect(valueOf(result)).toEqual(expected);
      expect(result.calls).toEqual([
        {
          id: 0,
          tool: "add",
          arguments: { a: 1, b: 2 },
          outcome: "ok",
          result: expected,
          startedMs: expect.any(Number),
          durationMs: expect.any(Number),
          fuel: expect.any(Number),
        },
      ]);
      expect(result.usage.toolCalls).toBe(1);
    });

    test("asynchronous ones are awaited", async () => {
      const sandbox = await create({ tools });
      expect(valueOf(await sandbox.run(programs.callTool("later", '{"n": 21}')))).toBe(42);
    });

    test.runIf(onThisThread)("an asynchronous one in runSync is told to the guest", async () => {
      const sandbox = await create({ tools });
      expect(sandbox.runSync(programs.callTool("later", '{"n": 21}'))).toMatchObject({
        status: "error",
        error: { name: "ToolError", message: expect.stringContaining("use run() instead of runSync()") },
      });
    });

    test("failures arrive as ToolError with the author's words only", async () => {
      const sandbox = await create({ tools });
      expect(valueOf(await sandbox.run(programs.catchTool("fails")))).toBe("ToolError: no such thing");
      expect(valueOf(await sandbox.run(programs.catchTool("breaks")))).toBe('ToolError: Tool "breaks" failed');
    });

    test("names are only names", async () => {
      const sandbox = await create({ tools });
      expect(valueOf(await sandbox.run(programs.callTool("constructor", "{}")))).toBe("just a name");
    });

    test("one that never ends is ended by the deadline", async () => {
      // The first call of a new process takes a while on a busy machine.
      const sandbox = await create({ tools, limits: { timeoutMs: onThisThread ? 100 : 1_500 } });
      const result = await sandbox.run(programs.callTool("hangs", "{}"));
      expect(result).toMatchObject({
        status: "limit",
        limit: "time",
        sandbox: "reset",
        calls: [{ tool: "hangs", outcome: "abandoned" }],
      });
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });
  });

  describe("an abort", () => {
    test("before the run refuses it, during a wait ends it", async () => {
      const sandbox = await create();
      expect(await sandbox.run(programs.value, { signal: AbortSignal.abort(new Error("no")) })).toMatchObject({
        status: "aborted",
        reason: "no",
      });
      const controller = new AbortController();
      const running = sandbox.run(programs.waitMs(60_000), { signal: controller.signal });
      controller.abort(new Error("enough"));
      expect(await running).toMatchObject({ status: "aborted", reason: "enough", sandbox: "reset" });
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });

    test("from a callback ends a computing guest", async () => {
      const controller = new AbortController();
      const sandbox = await create({ onOutput: () => controller.abort(new Error("seen enough")) });
      expect(await sandbox.run(programs.printForEver, { signal: controller.signal })).toMatchObject({
        status: "aborted",
        reason: "seen enough",
      });
    });

    test("close during a run ends the run first", async () => {
      const sandbox: Sandbox = await create({ onOutput: () => sandbox.close() });
      expect(await sandbox.run(programs.printForEver)).toMatchObject({ status: "aborted", sandbox: "closed" });
      await expect(sandbox.run(programs.value)).rejects.toMatchObject({ code: "closed" });
    });

    test("close from a tool ends the run as well", async () => {
      const sandbox: Sandbox = await create({ tools: { shut: tool({ run: () => sandbox.close() }) } });
      expect(await sandbox.run(programs.callToolSync("shut", "{}"))).toMatchObject({
        status: "aborted",
        sandbox: "closed",
      });
    });
  });

  describe("powers", () => {
    test("none but /tmp without files", async () => {
      const sandbox = await create();
      expect(await sandbox.run(programs.readFile("/etc/passwd"))).toMatchObject({ status: "error" });
      expect(valueOf(await sandbox.run(programs.writeFile("/tmp/a", "x")))).toBe(1);
      expect(valueOf(await sandbox.run(programs.readFile("/tmp/a")))).toBe("x");
    });

    test("files of a memory directory, both ways", async () => {
      const data = memoryDirectory({ files: { "in.txt": "in" } });
      const sandbox = await create({
        files: { "/data": data, "/ro": memoryDirectory({ mode: "read-only", files: { a: "1" } }) },
      });
      expect(valueOf(await sandbox.run(programs.readFile("/data/in.txt")))).toBe("in");
      const written = await sandbox.run(programs.writeFile("/data/out.txt", "out"));
      expect(valueOf(written)).toBe(1);
      expect(written.usage.fileBytes).toBeGreaterThanOrEqual(3);
      // Another thread has a copy of the directory.
      if (onThisThread) expect(new TextDecoder().decode(data.readFile("out.txt"))).toBe("out");
      expect(await sandbox.run(programs.writeFile("/ro/a", "2"))).toMatchObject({ status: "error" });
      await sandbox.reset();
      expect(data.paths()).toEqual(["in.txt"]);
    });

    test("a refused write is a denial, a quota a limit", async () => {
      const sandbox = await create({
        files: {
          "/ro": memoryDirectory({ mode: "read-only", files: { a: "1" } }),
          "/small": memoryDirectory({ maxBytes: 10 }),
        },
      });
      const denied = await sandbox.run(programs.writeFile("/ro/a", "2"));
      expect(denied.denials).toEqual([
        { what: expect.stringMatching(/^files\./), where: "/ro/a", rule: "EROFS", count: 1 },
      ]);
      expect(await sandbox.run(programs.writeFile("/small/a", "x".repeat(11)))).toMatchObject({
        status: "limit",
        limit: "files",
        sandbox: "kept",
      });
    });

    test("nothing of the host's environment, and what was given", async () => {
      process.env["WARDIAN_CANARY"] = "secret";
      const sandbox = await create({ env: { GIVEN: "yes" }, args: ["a", "b c"], stdin: "line\n" });
      expect(valueOf(await sandbox.run(programs.readEnv("WARDIAN_CANARY"))) ?? null).toBeNull();
      delete process.env["WARDIAN_CANARY"];
      expect(valueOf(await sandbox.run(programs.readEnv("GIVEN")))).toBe("yes");
      expect(valueOf(await sandbox.run(programs.readArgs))).toEqual(["a", "b c"]);
      expect(valueOf(await sandbox.run(programs.readArgs, { args: ["other"] }))).toEqual(["other"]);
      expect(valueOf(await sandbox.run(programs.readInput))).toBe("line\n");
      expect(valueOf(await sandbox.run(programs.readInput, { stdin: new Uint8Array([104, 105]) }))).toBe("hi");
    });

    test("clocks: fixed stands still, virtual jumps, a given one is used", async () => {
      const fixed = await create({ clock: "fixed" });
      const before = valueOf(await fixed.run(programs.time));
      await fixed.run(programs.sleepMs(2_000));
      expect(valueOf(await fixed.run(programs.time))).toBe(before);
      const virtual = await create({ clock: virtualClock(1_000_000_000_000) });
      expect(valueOf(await virtual.run(programs.time))).toBe(1_000_000_000_000);
      await virtual.run(programs.sleepMs(3_600_000));
      expect(valueOf(await virtual.run(programs.time))).toBe(1_000_003_600_000);
    });

    test("random: seeded repeats, secure does not", async () => {
      const draw = async (options: Omit<SandboxOptions, "language">): Promise<unknown> =>
        valueOf(await (await create(options)).run(programs.random));
      expect(await draw({ random: { seed: 1 } })).toBe(await draw({ random: { seed: 1 } }));
      expect(await draw({ random: { seed: 1 } })).not.toBe(await draw({ random: { seed: 2 } }));
      expect(await draw({})).not.toBe(await draw({}));
      const sandbox = await create({ random: { seed: 3 } });
      const first = valueOf(await sandbox.run(programs.random));
      expect(valueOf(await sandbox.run(programs.random))).not.toBe(first);
      await sandbox.reset();
      expect(valueOf(await sandbox.run(programs.random))).toBe(first);
    });

    test("with fixed clock and seed the fuel is the same to the unit", async () => {
      const source = `${programs.print("x")}\n${programs.random}`;
      const fuel = async (): Promise<number> =>
        (await (await create({ clock: virtualClock(), random: { seed: 5 } })).run(source)).usage.fuel;
      expect(await fuel()).toBe(await fuel());
    });
  });

  describe("host mistakes", () => {
    test("throw before anything runs", async () => {
      const sandbox = await create();
      await expect(sandbox.run(42 as never)).rejects.toThrow("Cannot run: the source must be a string, not 42");
      await expect(sandbox.run("1", { filname: "x" } as never)).rejects.toThrow('"filname" is not an option');
      await expect(sandbox.run("1", { filename: "" })).rejects.toThrow("filename");
      expect(() => sandbox.runSync(undefined as never)).toThrow(TypeError);
    });

    test("a second run at the same time is refused, the first goes on", async () => {
      const sandbox = await create({
        tools: { later: tool({ run: async () => await new Promise((resolve) => setTimeout(resolve, 10, 7)) }) },
      });
      const first = sandbox.run(programs.callTool("later", "{}"));
      await expect(sandbox.run(programs.value)).rejects.toMatchObject({ code: "busy" });
      await expect(sandbox.reset()).rejects.toMatchObject({ code: "busy" });
      expect(valueOf(await first)).toBe(7);
    });

    test("closed is closed", async () => {
      const sandbox = await create();
      sandbox.close();
      sandbox.close();
      expect(sandbox.closed).toBe(true);
      await expect(sandbox.run(programs.value)).rejects.toMatchObject({ code: "closed" });
      await expect(sandbox.reset()).rejects.toMatchObject({ code: "closed" });
    });

    test("a callback that throws ends in the caller's hands, and the sandbox lives", async () => {
      const sandbox = await create({
        onOutput: () => {
          throw new Error("mine");
        },
      });
      await expect(sandbox.run(programs.print("x"))).rejects.toThrow("mine");
      expect(valueOf(await sandbox.run(programs.value))).toBe(42);
    });
  });

  test.runIf(language === "python")("graceMs gives a guest the time to clean up", async () => {
    const sandbox = await create({ limits: { timeoutMs: 3_000 } });
    // The first run in a new process may take longer to begin than a guest has here.
    await sandbox.run("1");
    const source = "try:\n  while True: pass\nexcept KeyboardInterrupt:\n  print('cleaned up')\n  raise";
    const soft = await sandbox.run(source, { graceMs: 2_400 });
    expect(soft).toMatchObject({
      status: "error",
      error: { name: "KeyboardInterrupt" },
      stdout: "cleaned up\n",
      sandbox: "kept",
    });
    const stubborn = "while True:\n  try:\n    while True: pass\n  except KeyboardInterrupt: print('no', flush=True)";
    expect(await sandbox.run(stubborn, { graceMs: 2_400 })).toMatchObject({
      status: "limit",
      limit: "time",
      stdout: "no\n",
    });
  });

  test.runIf(language !== "python")("graceMs is refused", async () => {
    await expect(create({ graceMs: 5 })).rejects.toMatchObject({ code: "invalid-option" });
  });

  test("run() makes, runs and closes", async () => {
    expect(valueOf(await run(programs.value, { language, execution }))).toBe(42);
  });
});

describe.runIf(onThisThread)("bad options are named before anything runs", () => {
  let files: Record<string, ReturnType<typeof memoryDirectory>>;
  beforeEach(() => {
    files = { "/data": memoryDirectory(), "/data/sub": memoryDirectory() };
  });

  test.each<[unknown, string]>([
    [undefined, "its options must be an object, not undefined"],
    [{}, 'language is undefined, and must be one of "javascript", "typescript", "python"'],
    [{ language: "cobol" }, 'language is "cobol"'],
    [{ language: "python", limit: {} }, '"limit" is not an option'],
    [{ language: "python", limits: { fuel: -1 } }, "limits.fuel is -1, outside 1 to"],
    [{ language: "python", limits: { fuel: Number.NaN } }, "limits.fuel must be a number of fuel units, not NaN"],
    [{ language: "python", limits: { timeoutMs: "5" } }, 'limits.timeoutMs must be a number of milliseconds, not "5"'],
    [{ language: "python", limits: { timeoutMs: 0 } }, "limits.timeoutMs is 0"],
    [{ language: "python", limits: { memoryBytes: 2 ** 40 } }, "limits.memoryBytes is 1099511627776, outside"],
    [{ language: "python", limits: { memoryBytes: 20 * 2 ** 20 } }, "Python needs at least"],
    [{ language: "typescript", limits: { memoryBytes: 12 * 2 ** 20 - 1 } }, "TypeScript needs at least 12582912 bytes"],
    [{ language: "javascript", limits: { memoryBytes: 8 * 2 ** 20 - 1 } }, "outside 8388608 to"],
    [{ language: "python", limits: { memory: 1 } }, '"memory" is not a limit; the limits are fuel, timeoutMs'],
    [{ language: "python", limits: [] }, "limits must be an object, not an array"],
    [{ language: "python", files: { "/data": "/data" } }, 'files["/data"] is not a directory'],
    [{ language: "python", files: { data: memoryDirectory() } }, '"data"'],
    [{ language: "python", env: { A: 1 } }, 'env["A"] must be a string, not 1'],
    [{ language: "python", env: { "A=B": "1" } }, "A=B"],
    [{ language: "python", args: "x" }, "args must be an array of strings"],
    [{ language: "python", stdin: 5 }, "stdin must be a string"],
    [{ language: "python", clock: "slow" }, 'clock is "slow"'],
    [{ language: "python", random: {} }, "random is"],
    [{ language: "python", tools: { x: () => 1 } }, "tools.x is not a tool"],
    [{ language: "python", tools: { "no-name": tool({ run: () => 1 }) } }, 'tool name "no-name"'],
    [
      { language: "python", execution: "fork" },
      'execution is "fork", and must be one of "inline", "yielding", "worker"',
    ],
    [{ language: "python", onOutput: 1 }, "onOutput must be a function"],
    [{ language: "python", signal: {} }, "signal must be an AbortSignal"],
  ])("%o", async (options, message) => {
    await expect(Sandbox.create(options as never)).rejects.toThrow(message);
  });

  test("overlapping mounts", async () => {
    await expect(Sandbox.create({ language: "python", files })).rejects.toMatchObject({
      code: "invalid-mount",
      message: expect.stringMatching(/\/data.*\/data\/sub|\/data\/sub.*\/data/),
    });
  });
});
