import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PythonSandbox } from "../support/python-sandbox.ts";

let sandbox: PythonSandbox;
beforeAll(async () => {
  sandbox = await PythonSandbox.create();
});
afterAll(() => sandbox.close());

function object(entries: Record<string, unknown>): object {
  return Object.assign(Object.create(null) as object, entries);
}

describe("the value of a Python run", () => {
  it.each<[string, unknown]>([
    ["1 + 1", 2],
    ["x = 5", undefined],
    ["", undefined],
    ["x = 1\nx", 1],
    ["None", null],
    ["True, False", [true, false]],
    ["2**53", 2 ** 53],
    ["2**53 + 1", 2n ** 53n + 1n],
    ["-2**64", -(2n ** 64n)],
    ["10**5000", 10n ** 5000n],
    ["1.5e300", 1.5e300],
    ["-0.0", -0],
    ["float('nan'), float('inf'), -float('inf')", [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ["'a\\0b\\ud800\\U0001f40d'", "a\0b\ud800\u{1f40d}"],
    [
      "b'\\x00\\xff', bytearray(b'a'), memoryview(b'z')",
      [Uint8Array.of(0, 255), Uint8Array.of(97), Uint8Array.of(122)],
    ],
    ["(1, [2, (3,)])", [1, [2, [3]]]],
    ["{'a': 1, '__proto__': 2}", object({ a: 1, ["__proto__"]: 2 })],
    [
      "{1: 'a', (2, 3): 'b', None: 'c'}",
      new Map<unknown, unknown>([
        [1, "a"],
        [[2, 3], "b"],
        [null, "c"],
      ]),
    ],
    ["{1}, frozenset([2])", [new Set([1]), new Set([2])]],
    [
      "import collections; collections.OrderedDict(a=1), collections.Counter('aa')",
      [object({ a: 1 }), object({ a: 2 })],
    ],
    ["import datetime; datetime.datetime(2024, 1, 2, 3, 4, 5, 678000)", new Date("2024-01-02T03:04:05.678Z")],
    [
      "import datetime as d; d.datetime(2024, 1, 2, 3, tzinfo=d.timezone(d.timedelta(hours=2)))",
      new Date("2024-01-02T01:00:00Z"),
    ],
    ["import enum\nclass E(enum.IntEnum):\n  A = 7\nE.A", 7],
    ["class S(str): pass\nS('s')", "s"],
  ])("%j is the codec's", async (source, value) => {
    expect(await sandbox.value(source)).toEqual(value);
  });

  it("is text where it is not data", async () => {
    const source = "from dataclasses import dataclass\n@dataclass\nclass Point:\n  x: int\nPoint(3), complex(1, 2)";
    expect(await sandbox.value(source)).toEqual([
      { opaque: "Point", text: "Point(x=3)" },
      { opaque: "complex", text: "(1+2j)" },
    ]);
  });

  it("survives a repr that raises or is huge", async () => {
    const source =
      "class A:\n  def __repr__(self): raise ValueError\nclass B:\n  def __repr__(self): return 'b' * 10**6\nA(), B()";
    expect(await sandbox.value(source)).toEqual([
      { opaque: "A", text: "<A whose repr raises ValueError>" },
      { opaque: "B", text: `${"b".repeat(10_000)}...` },
    ]);
  });

  it("marks a cycle and repeats what is shared", async () => {
    expect(await sandbox.value("a = []; a.append(a); b = [1]; [a, b, b]")).toEqual([
      [{ opaque: "list", text: "..." }],
      [1],
      [1],
    ]);
  });

  it.each([
    ["'a' * 3_000_000"],
    ["b'a' * 3_000_000"],
    ["list(range(10**6))"],
    ["10**200_000"],
    ["x = []\nfor _ in range(300): x = [x]\nx"],
  ])("%j is over the output limit and the session lives on", async (source) => {
    const result = await sandbox.run(source);
    expect([result.status, result.status === "limit" && result.limit, result.sandbox]).toEqual([
      "limit",
      "output",
      "kept",
    ]);
    expect(await sandbox.value("1")).toBe(1);
  });

  it("nests as deep as the codec allows", async () => {
    let depth = 0;
    for (
      let value = await sandbox.value("x = 1\nfor _ in range(199): x = [x]\nx");
      Array.isArray(value);
      [value] = value
    )
      depth++;
    expect(depth).toBe(199);
  });

  it("does not leak an attribute of the encoder's: a class that lies about its methods is read as plain data", async () => {
    const source =
      "class L(list):\n  def __iter__(self): return iter(['forged'])\n  def __len__(self): return 10**9\nL([1, 2])";
    expect(await sandbox.value(source)).toEqual([1, 2]);
  });
});
