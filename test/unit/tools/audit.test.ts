import { describe, expect, test } from "vitest";
import { Sandbox, tool, ToolError } from "../../../src/index.ts";
import type { ToolCallRecord } from "../../../src/index.ts";
import { DenialLog } from "../../../src/capabilities/denials/denial-log.ts";
import { ToolLedger } from "../../../src/capabilities/tools/tool-ledger.ts";
import type { ToolLedgerOptions } from "../../../src/capabilities/tools/tool-ledger.ts";
import type { Tool } from "../../../src/capabilities/tools/tool.ts";

const echo = tool({ run: (input) => input });

function ledger(tools: Record<string, Tool>, options: Partial<ToolLedgerOptions> = {}): ToolLedger {
  return new ToolLedger({
    tools: new Map(Object.entries(tools)),
    maxCalls: 1e6,
    allowAsync: true,
    charge: () => true,
    fuelUsed: () => 0,
    now: () => 0,
    denials: new DenialLog(),
    ...options,
  });
}

describe("the audit log", () => {
  test("has every call with its time and the fuel at the call", () => {
    let time = 10;
    let fuel = 100;
    const slow = tool({ run: () => (time += 5) });
    const calls = ledger({ slow }, { now: () => time, fuelUsed: () => (fuel += 50) });
    calls.call("slow", '{"a":1}');
    calls.call("none", "{}");
    calls.call("slow", "[]");
    expect(calls.records).toEqual([
      { id: 0, tool: "slow", arguments: { a: 1 }, outcome: "ok", result: 15, startedMs: 10, durationMs: 5, fuel: 150 },
      {
        id: 1,
        tool: "none",
        arguments: {},
        outcome: "unknown",
        error: 'There is no tool "none"',
        startedMs: 15,
        durationMs: 0,
        fuel: 200,
      },
      {
        id: 2,
        tool: "slow",
        arguments: [],
        outcome: "invalid-arguments",
        error: 'The arguments of tool "slow" must be one object',
        startedMs: 15,
        durationMs: 0,
        fuel: 250,
      },
    ]);
  });

  test("shows what the guest sent, not what the tool made of it", () => {
    const spoil = tool({
      run: (input) => {
        input["n"] = "spoiled";
        return 1;
      },
    });
    const calls = ledger({ spoil });
    calls.call("spoil", '{"n":1,"__proto__":{"polluted":true}}');
    const [first] = calls.records;
    expect(JSON.stringify(first?.arguments)).toBe('{"n":1,"__proto__":{"polluted":true}}');
    expect(Object.getPrototypeOf(first?.arguments)).toBeNull();
    // Each reader has a copy of its own.
    expect(calls.records[0]?.arguments).not.toBe(first?.arguments);
  });

  test("leaves out properties by name, at any depth, of arguments and results", () => {
    const login = tool({ run: (input) => ({ token: "t", user: input }), redact: ["password", "token"] });
    const calls = ledger({ login });
    const reply = calls.call("login", '{"name":"kim","password":"p","more":[{"password":{"p":1}}]}');
    expect(reply).toMatchObject({ state: "value", json: expect.stringContaining('"password":"p"') });
    expect(calls.records).toMatchObject([
      {
        arguments: { name: "kim", password: "[redacted]", more: [{ password: "[redacted]" }] },
        result: { token: "[redacted]", user: { name: "kim", password: "[redacted]" } },
      },
    ]);
    // What cannot be read cannot be redacted.
    calls.call("login", '{"password":"p"');
    calls.call("login", `{"password":"p","a":${"[".repeat(200)}${"]".repeat(200)}}`);
    expect(calls.records.slice(1).map((record) => record.arguments)).toEqual(["[redacted]", "[redacted]"]);
  });

  test("records what a function makes of the arguments", () => {
    const mail = tool({
      run: (input) => input["to"],
      redact: (input) => ({ to: (input as { to: string }).to.length }),
    });
    const calls = ledger({ mail });
    expect(calls.call("mail", '{"to":"kim@example.com"}')).toEqual({ state: "value", json: '"kim@example.com"' });
    expect(calls.records[0]?.arguments).toEqual({ to: 15 });
    expect(calls.takeFailure()).toBeUndefined();
  });

  test("hides all if that function throws, and tells the host", () => {
    const failure = new Error("bug in redact");
    const mail = tool({
      run: () => 1,
      redact: () => {
        throw failure;
      },
    });
    const calls = ledger({ mail });
    expect(calls.call("mail", '{"to":"kim"}')).toEqual({ state: "value", json: "1" });
    expect(calls.records[0]).toMatchObject({ arguments: "[redacted]", result: "[redacted]" });
    expect(calls.takeFailure()).toEqual({ error: failure });
    const odd = ledger({ mail: tool({ run: () => 1, redact: () => undefined }) });
    odd.call("mail", '{"to":"kim"}');
    expect(odd.records[0]?.arguments).toBe("[redacted]");
  });

  test("cuts long arguments and results, and says so", () => {
    const calls = ledger({ echo });
    calls.call("echo", JSON.stringify({ text: "x".repeat(20_000) }));
    const [record] = calls.records;
    expect(record).toMatchObject({ outcome: "ok", truncated: true });
    expect(record?.arguments).toBe(`{"text":"${"x".repeat(1_015)}…`);
    expect(record?.result).toBe(record?.arguments);
    calls.call("echo", "x".repeat(2_000_000));
    expect(String(calls.records[1]?.arguments).length).toBe(1_025);
  });

  test("is bounded in number and in size, and says how many are left out", () => {
    const told: number[] = [];
    const calls = ledger({ echo }, { onCall: ({ id }) => told.push(id) });
    for (let index = 0; index < 10_005; index++) calls.call("echo", "{}");
    expect([calls.records.length, calls.omitted, told.length]).toEqual([10_000, 5, 10_005]);
    const heavy = ledger({ echo });
    for (let index = 0; index < 600; index++) heavy.call("echo", JSON.stringify({ index, text: "x".repeat(16_000) }));
    const texts = heavy.records.map((record) => JSON.stringify(record.arguments).length);
    expect(texts.reduce((sum, length) => sum + length, 0)).toBeLessThan(5e6);
    expect(heavy.records.at(-1)).toMatchObject({ arguments: "…", result: "…", truncated: true });
  });

  test("is told live, calls that never end when the run does", async () => {
    const told: ToolCallRecord[] = [];
    const calls = ledger(
      {
        hangs: tool({ run: () => new Promise(() => undefined) }),
        later: tool({ run: async () => await Promise.resolve(1) }),
      },
      { onCall: (record) => told.push(record) },
    );
    calls.call("hangs", "{}");
    calls.call("later", "{}");
    expect(calls.records.map(({ outcome }) => outcome)).toEqual(["pending", "pending"]);
    await calls.nextSettlement();
    expect(told.map(({ id, outcome }) => [id, outcome])).toEqual([[1, "ok"]]);
    calls.close();
    calls.close();
    expect(told.map(({ id, outcome }) => [id, outcome])).toEqual([
      [1, "ok"],
      [0, "abandoned"],
    ]);
  });
});

describe.each(["javascript", "python"] as const)("%s: onCall", (language) => {
  const source = (count: number): string =>
    Array.from({ length: count }, (_item, n) => `await tools.t({"n": ${n}})`).join("\n");

  test("gets the records of the result", async () => {
    const told: ToolCallRecord[] = [];
    const sandbox = await Sandbox.create({ language, tools: { t: echo }, onCall: (record) => void told.push(record) });
    const result = await sandbox.run(source(3));
    expect(told).toEqual(result.calls);
    expect(told.map((record) => record.arguments)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    sandbox.close();
  });

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("the log is full");
      },
    ],
    [
      "rejects",
      async () => {
        await Promise.resolve();
        throw new Error("the log is full");
      },
    ],
  ])("that %s is the caller's mistake, not the guest's", async (_name, fail) => {
    let count = 0;
    const sandbox = await Sandbox.create({
      language,
      tools: { t: tool({ run: async () => await Promise.resolve(1) }) },
      onCall: () => (count++, fail()),
    });
    await expect(sandbox.run(source(3))).rejects.toThrow("the log is full");
    expect(count).toBeGreaterThan(0);
    // The sandbox is whole.
    expect(sandbox.closed).toBe(false);
    expect(await sandbox.run("1")).toMatchObject({ status: "ok", value: 1 });
    sandbox.close();
  });

  test("must be a function", async () => {
    await expect(Sandbox.create({ language, onCall: 1 as never })).rejects.toThrow("onCall must be a function");
  });

  test("the host finds its own errors in the records", async () => {
    const secret = new Error("ENOENT /etc/secret");
    const chosen = new ToolError("no such thing", { cause: secret });
    const sandbox = await Sandbox.create({
      language,
      tools: {
        a: tool({
          run: () => {
            throw secret;
          },
        }),
        b: tool({
          run: () => {
            throw chosen;
          },
        }),
      },
    });
    const result = await sandbox.run(
      language === "python"
        ? "for t in (tools.a, tools.b):\n  try: t()\n  except Exception: pass"
        : "for (const t of [tools.a, tools.b]) await t().catch(() => 1)",
    );
    expect(result.calls.map((call) => call.error)).toEqual([secret, chosen]);
    sandbox.close();
  });
});

describe("the calls of a result", () => {
  const told: ToolCallRecord[] = [];
  const run = async (count: number, record = false): Promise<Awaited<ReturnType<Sandbox["run"]>>> => {
    await using sandbox = await Sandbox.create({
      language: "javascript",
      clock: "virtual",
      tools: { echo, fails: tool({ run: () => Promise.reject(new ToolError("no")) }) },
      onCall: (call) => void told.push(call),
      record,
    });
    told.length = 0;
    return await sandbox.run(
      `for (let i = 0; i < ${count}; i++) await (i % 50 ? tools.echo({ i, text: "é".repeat(i) }) : tools.fails().catch(() => 0))`,
    );
  };

  test.each([3, 100, 101, 300])(
    "are the same whether they are made at once or when they are read: %i",
    async (count) => {
      const result = await run(count);
      expect(result.calls).toEqual(told);
      expect(result.calls).toHaveLength(count);
      expect(result.calls).toBe(result.calls);
      expect({ ...result }.calls).toBe(result.calls);
      expect(JSON.parse(JSON.stringify(result))).toMatchObject({ calls: { length: count } });
    },
  );

  test("are plain data in a result that is short enough to be looked at", async () => {
    expect(Object.getOwnPropertyDescriptor(await run(100), "calls")).toMatchObject({ writable: true });
    expect(Object.getOwnPropertyDescriptor(await run(101), "calls")).toMatchObject({ enumerable: true });
  });

  test("stay those of their run when the sandbox goes on", async () => {
    await using sandbox = await Sandbox.create({ language: "javascript", tools: { echo } });
    const first = await sandbox.run("for (let i = 0; i < 150; i++) await tools.echo({ i })");
    await sandbox.run("for (let i = 0; i < 20; i++) await tools.echo({ other: i })");
    await sandbox.reset();
    expect(first.calls.map((call) => call.arguments)).toEqual(Array.from({ length: 150 }, (_, i) => ({ i })));
  });

  test("are whole in a result with a recording", async () => {
    const result = await run(120, true);
    expect([result.recording instanceof Uint8Array, result.calls.length]).toEqual([true, 120]);
  });
});
