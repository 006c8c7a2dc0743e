import { describe, expect, test } from "vitest";
import { z } from "zod";
import { tool, ToolError } from "../../../src/capabilities/tools/tool.ts";
import type { Tool } from "../../../src/capabilities/tools/tool.ts";
import { DenialLog } from "../../../src/capabilities/denials/denial-log.ts";
import { JSON_BOUNDS } from "../../../src/capabilities/tools/json/json-bounds.ts";
import { ToolLedger } from "../../../src/capabilities/tools/tool-ledger.ts";
import type { ToolLedgerOptions } from "../../../src/capabilities/tools/tool-ledger.ts";

function ledger(tools: Record<string, Tool>, options: Partial<ToolLedgerOptions> = {}): ToolLedger {
  return new ToolLedger({
    tools: new Map(Object.entries(tools)),
    maxCalls: 100,
    allowAsync: true,
    charge: () => undefined,
    fuelUsed: () => 7,
    now: () => 3,
    denials: new DenialLog(),
    ...options,
  });
}

const refusal = (message: string, name = "ToolError"): unknown => ({ state: "error", name, message });
const shared = { startedMs: 3, durationMs: 0, fuel: 7 };

describe("a synchronous tool", () => {
  test("answers at once, in JSON", () => {
    const calls = ledger({ add: tool({ run: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }) }) });
    expect(calls.call("add", '{"a":1,"b":2}')).toEqual({ state: "value", json: '{"sum":3}' });
    expect(calls.records).toEqual([
      { id: 0, tool: "add", arguments: { a: 1, b: 2 }, outcome: "ok", result: { sum: 3 }, ...shared },
    ]);
  });

  test("answers null for undefined", () => {
    expect(ledger({ nothing: tool({ run: () => undefined }) }).call("nothing", "{}")).toEqual({
      state: "value",
      json: "null",
    });
  });

  test("tells the guest a ToolError's message and nothing of any other error", () => {
    const secret = new Error("ENOENT: /home/operator/secret");
    const calls = ledger({
      chosen: tool({
        run: () => {
          throw new ToolError("no such customer");
        },
      }),
      broken: tool({
        run: () => {
          throw secret;
        },
      }),
    });
    expect(calls.call("chosen", "{}")).toEqual(refusal("no such customer"));
    expect(calls.call("broken", "{}")).toEqual(refusal('Tool "broken" failed'));
    expect(calls.records[1]).toEqual({
      id: 1,
      tool: "broken",
      arguments: {},
      outcome: "error",
      error: secret,
      ...shared,
    });
  });

  test("cannot return what JSON has no word for", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const calls = ledger({
      cycle: tool({ run: () => cycle }),
      big: tool({ run: () => 1n }),
      long: tool({ run: () => "x".repeat(JSON_BOUNDS.characters) }),
    });
    expect(calls.call("cycle", "{}")).toEqual(
      refusal('Tool "cycle" returned a value that is not JSON: it holds a cycle or a bigint', "ToolResultError"),
    );
    expect(calls.call("big", "{}")).toEqual(
      refusal('Tool "big" returned a value that is not JSON: it holds a cycle or a bigint', "ToolResultError"),
    );
    expect(calls.call("long", "{}")).toMatchObject({ state: "error" });
  });
});

describe("hostile arguments", () => {
  const seen: unknown[] = [];
  const echo = tool({
    run: (input) => {
      seen.push(input);
      return true;
    },
  });

  test("keep odd keys as keys and give objects no prototype", () => {
    ledger({ echo }).call("echo", '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"then":1}');
    const [input] = seen.splice(0) as Record<string, unknown>[];
    expect(Object.getPrototypeOf(input)).toBeNull();
    expect(Object.keys(input ?? {})).toEqual(["__proto__", "constructor", "then"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    ["not JSON", "{", 'The arguments of tool "echo" are not JSON'],
    [
      "too deep",
      `${"[".repeat(JSON_BOUNDS.depth + 1)}${"]".repeat(JSON_BOUNDS.depth + 1)}`,
      `The arguments of tool "echo" nest deeper than ${JSON_BOUNDS.depth} levels`,
    ],
    [
      "too many",
      `{"a":[${"[],".repeat(JSON_BOUNDS.values)}1]}`,
      `The arguments of tool "echo" hold ${JSON_BOUNDS.values + 3} values, above the ${JSON_BOUNDS.values} allowed`,
    ],
    ["no object", "[1]", 'The arguments of tool "echo" must be one object'],
    ["null", "null", 'The arguments of tool "echo" must be one object'],
    [
      "too long",
      `"${"x".repeat(JSON_BOUNDS.characters)}"`,
      `The arguments of tool "echo" are ${JSON_BOUNDS.characters + 2} characters of JSON, above the ${JSON_BOUNDS.characters} allowed`,
    ],
  ])("that are %s never reach the tool", (_name, json, message) => {
    expect(ledger({ echo }).call("echo", json)).toEqual(refusal(message, "ToolArgumentError"));
    expect(seen).toEqual([]);
  });

  test("with brackets inside strings are not deep", () => {
    expect(ledger({ echo }).call("echo", JSON.stringify({ text: `\\"${"[".repeat(1_000)}` }))).toEqual({
      state: "value",
      json: "true",
    });
    seen.splice(0);
  });

  test("that the schema refuses are told with their place", () => {
    const strict = tool({ input: z.object({ user: z.object({ age: z.number() }) }), run: ({ user }) => user.age + 1 });
    const calls = ledger({ strict });
    expect(calls.call("strict", '{"user":{"age":41}}')).toEqual({ state: "value", json: "42" });
    expect(calls.call("strict", '{"user":{"age":"41"}}')).toEqual(
      refusal("Invalid arguments: user.age: Invalid input: expected number, received string", "ToolArgumentError"),
    );
  });
});

describe("an asynchronous tool", () => {
  test("is pending, then settles", async () => {
    const calls = ledger({ later: tool({ run: async () => await Promise.resolve([1]) }) });
    expect(calls.call("later", "{}")).toEqual({ state: "pending", id: 0 });
    expect(calls.pending).toBe(1);
    await calls.nextSettlement();
    expect(calls.takeSettled()).toEqual([{ id: 0, reply: { state: "value", json: "[1]" } }]);
    expect(calls.pending).toBe(0);
  });

  test("is refused where nobody can wait", () => {
    const calls = ledger(
      { later: tool({ run: async () => await Promise.reject(new Error("late")) }) },
      { allowAsync: false },
    );
    expect(calls.call("later", "{}")).toEqual(
      refusal('Tool "later" is asynchronous and this run is synchronous: use run() instead of runSync()'),
    );
  });

  test("that ends after the run touches nothing", async () => {
    let finish = (_value: unknown): void => undefined;
    const calls = ledger({ later: tool({ run: () => new Promise((resolve) => (finish = resolve)) }) });
    calls.call("later", "{}");
    calls.close();
    finish("late");
    await Promise.resolve();
    expect(calls.takeSettled()).toEqual([]);
    expect(calls.call("later", "{}")).toEqual(refusal('Cannot call tool "later": the run is over'));
  });
});

test("calls are limited, counted and charged, refused ones too", () => {
  const charged: number[] = [];
  const calls = ledger({ one: tool({ run: () => 1 }) }, { maxCalls: 2, charge: (units) => charged.push(units) });
  expect(calls.call("missing", "{}")).toEqual(refusal('There is no tool "missing"', "ToolNotFoundError"));
  expect(calls.call("constructor", "{}")).toEqual(refusal('There is no tool "constructor"', "ToolNotFoundError"));
  expect(calls.call("one", "{}")).toEqual(
    refusal('Cannot call tool "one": the limit of 2 tool calls is reached', "ToolLimitError"),
  );
  expect(calls.count).toBe(2);
  expect(charged.length).toBe(3);
  expect(Math.min(...charged)).toBeGreaterThan(0);
});

test.each<[string, unknown]>([
  ["no options", undefined],
  ["no run", { description: "x" }],
  ["a description that is no text", { description: 1, run: () => 1 }],
  ["an input that is no schema", { input: {}, run: () => 1 }],
])("tool() refuses %s", (_name, options) => {
  expect(() => tool(options as never)).toThrow(TypeError);
});
