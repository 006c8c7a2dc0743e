import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { DenialLog } from "../../src/capabilities/denials/denial-log.ts";
import { ToolLedger } from "../../src/capabilities/tools/tool-ledger.ts";
import { Sandbox, tool, ToolError } from "../../src/index.ts";
import type { RunResult, SandboxOptions } from "../../src/index.ts";
import { kept } from "../support/kept-sandboxes.ts";

/**
 * One test per class of attack that once got through, and a sweep of those that never did. Times: the machine may be
 * busy, so bounds are several times what an idle one needs and several times below what the fault cost.
 */
const make = (options: SandboxOptions): Promise<Sandbox> => kept(Sandbox.create(options));

const rejections: unknown[] = [];
beforeAll(() => {
  process.on("unhandledRejection", (reason) => rejections.push(reason));
});
afterEach(() => {
  expect(rejections).toEqual([]);
});

function summary(result: RunResult): string {
  if (result.status === "error") return `error ${result.error.name}: ${result.error.message}`;
  return result.status === "limit" ? `limit ${result.limit}` : result.status;
}

describe("the host's work for a guest ends with the deadline", () => {
  // 60,000 keys of one hash: some 10 s of the host's time after less than 2 s of the guest's.
  test.each([
    [
      "javascript",
      "{ const all = []; for (let i = 0; i < 60_000; i++) all.push((BigInt(i + 1) << 64n) + 7n); new Set(all) }",
    ],
    ["python", "{(i << 64) + 7 for i in range(1, 60_000)}"],
  ] as const)(
    "%s: a Set of bigints with one hash",
    async (language, source) => {
      const sandbox = await make({ language, limits: { timeoutMs: 2_500, outputBytes: 8 * 2 ** 20 } });
      expect(summary(await sandbox.run(source.replaceAll("60_000", "200")))).toBe("ok");
      const result = await sandbox.run(source);
      expect(summary(result)).toBe("limit time");
      expect(result.usage.wallMs).toBeLessThan(4_500);
      expect(summary(await sandbox.run("1"))).toBe("ok");
    },
    30_000,
  );

  test("javascript: a sparse file as text is read in pieces", async () => {
    const sandbox = await make({ language: "javascript", limits: { timeoutMs: 300 } });
    const source = `
      const fs = await import("fs");
      fs.writeFileSync("/tmp/x", "");
      fs.truncateSync("/tmp/x", 31e6);
      for (;;) fs.readFileSync("/tmp/x", "utf8");`;
    const before = process.memoryUsage().rss;
    const result = await sandbox.run(source, { filename: "main.mjs" });
    expect(["limit time", "limit memory"]).toContain(summary(result));
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 2 ** 20);
    expect(result.usage.wallMs).toBeLessThan(1_000);
  });

  test("javascript: long text files are read and written whole, across pieces and characters", async () => {
    const sandbox = await make({ language: "javascript" });
    const source = `
      const fs = await import("fs");
      const text = "aé😀\\0".repeat(100_001);
      fs.writeFileSync("/tmp/x", text);
      export default [fs.readFileSync("/tmp/x", "utf8") === text, fs.statSync("/tmp/x").size];`;
    expect(await sandbox.run(source, { filename: "main.mjs" })).toMatchObject({ status: "ok", value: [true, 800_008] });
  });

  test("tool arguments of nearly a hundred thousand zeros", async () => {
    let length = 0;
    const count = tool({ run: ({ all }: { all: readonly number[] }) => (length = all.length) });
    const sandbox = await make({ language: "javascript", tools: { count }, limits: { timeoutMs: 20_000 } });
    expect(summary(await sandbox.run("tools.count.sync({ all: Array(99_000).fill(0) })"))).toBe("ok");
    expect(length).toBe(99_000);
  });

  test("the walk over tool arguments stops when the run may not go on", () => {
    let calls = 0;
    let charged = 0;
    const ledger = new ToolLedger({
      tools: new Map([["count", tool({ run: () => ++calls })]]),
      maxCalls: 10,
      allowAsync: false,
      charge: () => ++charged < 5,
      fuelUsed: () => 0,
      now: () => 0,
      denials: new DenialLog(),
    });
    const reply = ledger.call("count", `{"all":[${Array(90_000).fill("[]").join(",")}]}`);
    expect([reply.state, calls, charged]).toEqual(["error", 0, 5]);
  });

  test.each(["Date.now()", "performance.now()", "console.log('x')", "crypto.getRandomValues(new Uint8Array(8))"])(
    "a loop around %s costs fuel in proportion",
    async (call) => {
      const sandbox = await make({ language: "javascript", limits: { timeoutMs: 20_000 } });
      const result = await sandbox.run(`for (let i = 0; i < 2_000; i++) ${call}; 0`);
      expect(result.usage.fuel).toBeGreaterThan(2_000 * 40_000);
    },
  );
});

describe("the host's memory", () => {
  // 12 × 110 MB; held until the event loop turned, which this loop never lets it do.
  test("python: outgrown instances are let go although the event loop never turns", async () => {
    const sandbox = await make({ language: "python", limits: { memoryBytes: 192 * 2 ** 20, timeoutMs: 20_000 } });
    const grow = "b = bytearray(b'x' * 2**20) * 80\nlen(b)";
    await sandbox.run(grow);
    await sandbox.reset();
    const before = process.memoryUsage().rss;
    let most = 0;
    for (let round = 0; round < 12; round++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the attack
      expect(summary(await sandbox.run(grow))).toBe("ok");
      await sandbox.reset();
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(most).toBeLessThan(600 * 2 ** 20);
  }, 40_000);
});

describe("one run's tools stay with it", () => {
  test.each([
    ["javascript", "await tools.later({})"],
    ["python", "await tools.later()"],
  ] as const)("%s: a result that comes late charges and reaches nobody", async (language, source) => {
    const settle: ((value: unknown) => void)[] = [];
    const later = tool({ run: async () => await new Promise((resolve) => settle.push(resolve)) });
    const clean = await make({ language, clock: "virtual", random: { seed: 1 }, tools: { later } });
    const dirty = await make({ language, clock: "virtual", random: { seed: 1 }, tools: { later } });
    const reason = AbortSignal.timeout(60);
    expect(summary(await dirty.run(source, { signal: reason }))).toBe("aborted");
    const old = settle.pop();
    await dirty.reset();
    const runs = [clean.run(source), dirty.run(source)];
    old?.("old".repeat(100_000));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const resolve of settle) resolve("new");
    const [expected, actual] = await Promise.all(runs);
    expect(actual).toMatchObject({ status: "ok", value: "new" });
    expect(actual?.usage.fuel).toBe(expected?.usage.fuel);
  });

  test.each([
    [
      "throws a secret",
      () => {
        throw new Error("/secret/path");
      },
    ],
    [
      "throws null",
      () => {
        throw null;
      },
    ],
    ["rejects with nothing", async () => await Promise.reject(undefined)],
    [
      "has a then that throws",
      () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- that is the attack
        get then(): unknown {
          throw new Error("/secret/path");
        },
      }),
    ],
    [
      "is a hostile proxy",
      () =>
        new Proxy(
          {},
          {
            get() {
              throw new Error("/secret/path");
            },
          },
        ),
    ],
    [
      "has a toJSON that throws",
      () => ({
        toJSON() {
          throw new Error("/secret/path");
        },
      }),
    ],
    [
      "is a cycle",
      () => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        return cycle;
      },
    ],
    [
      "is too deep",
      () => {
        let deep: unknown[] = [];
        for (let i = 0; i < 100_000; i++) deep = [deep];
        return deep;
      },
    ],
    ["is too long", () => "x".repeat(3_000_000)],
  ] as readonly (readonly [string, () => unknown])[])(
    "a result that %s is the guest's ToolError and no more",
    async (_name, run) => {
      const sandbox = await make({ language: "javascript", tools: { odd: tool({ run }) } });
      const result = await sandbox.run(
        "try { await tools.odd({}) } catch (error) { globalThis.told = error.name + error.message + error.stack } told",
        { filename: "main.js" },
      );
      expect(result).toMatchObject({
        status: "ok",
        sandbox: "kept",
        value: expect.stringContaining("ToolError") as string,
      });
      expect(JSON.stringify(result.status === "ok" && result.value)).not.toMatch(/secret|\/src\/|node:/);
    },
  );
});

describe("re-entrancy", () => {
  test.each(["run", "runSync", "reset"] as const)(
    "%s from a tool and from onOutput is refused as busy",
    async (method) => {
      const codes: unknown[] = [];
      let sandbox: Sandbox | undefined;
      const attempt = async (): Promise<void> => {
        try {
          await (method === "reset" ? sandbox?.reset() : sandbox?.[method]("1"));
          codes.push("done");
        } catch (error) {
          codes.push((error as { readonly code?: unknown }).code);
        }
      };
      sandbox = await make({ language: "javascript", tools: { again: tool({ run: attempt }) }, onOutput: attempt });
      const result = await sandbox.run("console.log('x'); await tools.again({}); 1");
      expect(result).toMatchObject({ status: "ok", value: 1, sandbox: "kept" });
      expect(codes).toEqual(["busy", "busy"]);
      expect(await sandbox.run("2")).toMatchObject({ status: "ok", value: 2 });
    },
  );

  test("close from a tool ends the sandbox and never throws into the run", async () => {
    let sandbox: Sandbox | undefined;
    sandbox = await make({ language: "javascript", tools: { shut: tool({ run: () => sandbox?.close() }) } });
    expect(await sandbox.run("tools.shut.sync({}); 1")).toMatchObject({ status: "aborted", sandbox: "closed" });
    await expect(sandbox.run("1")).rejects.toMatchObject({ code: "closed" });
  });
});

describe("odd input never makes run reject", () => {
  const sources: readonly (readonly [string, string])[] = [
    ["NUL", "1\0+1"],
    ["a lone surrogate", "'\ud800'"],
    ["a byte order mark", "\ufeff1+1"],
    ["line separators", "1\r\n2\u20283"],
    ["nothing", ""],
    ["deep brackets", "(".repeat(50_000)],
    ["deep indices", `a${"[0]".repeat(50_000)}`],
    ["many lines", `${"\n".repeat(100_000)}1`],
    ["one long name", "x".repeat(200_000)],
    ["an odd declaration", "# -*- coding: utf-7 -*-\n1"],
  ];
  test.each(["javascript", "python"] as const)(
    "%s sources",
    async (language) => {
      const sandbox = await make({ language, limits: { timeoutMs: 1_000 } });
      for (const [, source] of sources) {
        // oxlint-disable no-await-in-loop -- one sandbox, one run at a time
        expect(summary(await sandbox.run(source))).toMatch(/^(ok|error [A-Za-z]+Error|limit (time|stack|memory))/);
        expect(await sandbox.run("2")).toMatchObject({ status: "ok", value: 2 });
        // oxlint-enable no-await-in-loop
      }
    },
    30_000,
  );

  test.each([
    [
      "class M(type):\n  @property\n  def __name__(cls): raise SystemExit\nclass E(Exception, metaclass=M): pass\nraise E('told')",
      "E",
      "told",
    ],
    [
      "class S(str):\n  def __len__(self): raise KeyboardInterrupt\ne = SyntaxError()\ne.msg = S('told')\nraise e",
      "SyntaxError",
      "told",
    ],
    ["class E(Exception):\n  def __str__(self): raise self\nraise E()", "E", "<message unavailable: E>"],
  ])("python: an exception that attacks whoever describes it: %j", async (source, name, message) => {
    const sandbox = await make({ language: "python", limits: { timeoutMs: 5_000 } });
    expect(await sandbox.run(source)).toMatchObject({ status: "error", error: { name, message } });
  });

  test.each([
    ["10**30", 255],
    ["-1", 255],
    ["7", 7],
  ])("python: sys.exit(%s) is no success", async (code, kept) => {
    const sandbox = await make({ language: "python", limits: { timeoutMs: 5_000 } });
    expect(await sandbox.run(`import sys\nsys.exit(${code})`)).toMatchObject({
      status: "error",
      error: { name: "SystemExit", message: `The guest exited with code ${kept}` },
    });
  });

  test.each([-5, 1e9, Number.NaN, 0.5])("a caller's input that answers %s", async (answer) => {
    const sandbox = await make({ language: "python", limits: { timeoutMs: 2_000 } });
    const result = await sandbox.run("import sys\nlen(sys.stdin.buffer.raw.read(10))", {
      stdin: { read: () => answer },
    });
    expect(result).toMatchObject({ status: "ok", value: answer === 1e9 ? 10 : 0 });
  });
});

describe("after a reset nothing is left", () => {
  test.each([
    [
      "javascript",
      "globalThis.secret = 'hunter2'.repeat(1000); Math.random(); (await import('fs')).writeFileSync('/tmp/s', secret); setTimeout(() => {}, 1)",
      "[typeof secret, (await import('fs')).existsSync('/tmp/s')].join()",
      "undefined,false",
    ],
    [
      "python",
      "import os, builtins\nsecret = builtins.secret = 'hunter2' * 1000\nopen('/tmp/s', 'w').write(secret)\nfd = os.open('/tmp/s', os.O_RDONLY)\nos.chdir('/tmp')\n0",
      'import os, builtins\nf\'{hasattr(builtins, "secret")},{os.path.exists("/tmp/s")},{os.getcwd()}\'',
      "False,False,/",
    ],
  ] as const)(
    "%s: globals, files, descriptors, and the same fuel as a new sandbox",
    async (language, mess, look, expected) => {
      const options = { language, clock: "virtual", random: { seed: 3 } } as const;
      const used = await make(options);
      const fresh = await make(options);
      expect(summary(await used.run(mess))).toBe("ok");
      await used.reset();
      const [after, first] = [await used.run(look), await fresh.run(look)];
      expect(after).toMatchObject({ status: "ok", value: expected });
      expect(after.usage).toMatchObject({ fuel: first.usage.fuel, memoryBytes: first.usage.memoryBytes });
    },
  );
});

test("a ToolError's own message is all that a guest is told", async () => {
  const sandbox = await make({
    language: "python",
    tools: {
      no: tool({
        run: () => {
          throw new ToolError("not today", { cause: new Error("/secret") });
        },
      }),
    },
  });
  expect(
    await sandbox.run(
      "try:\n  tools.no()\nexcept Exception as e:\n  told = repr(e) + repr(e.__cause__) + repr(e.__context__) + repr(e.args)\ntold",
    ),
  ).toMatchObject({
    status: "ok",
    value: expect.not.stringContaining("secret") as string,
  });
});
