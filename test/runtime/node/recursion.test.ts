import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

/**
 * Recursion ends at the same unit of fuel whatever the host makes of the code: with its default stack, with less of it,
 * and in other versions of Node. `WARDIAN_NODES` names their executables, separated by colons.
 */
const probe = fileURLToPath(new URL("recursion-probe.mjs", import.meta.url));
const run = promisify(execFile);

/** What recurses in C alone: no interpreter counts it. */
const NATIVE: readonly (readonly [language: string, source: string])[] = [
  ["python", "import json\njson.loads('[' * 10**6)"],
  [
    "python",
    "import sqlite3\nsqlite3.connect(':memory:').execute('select ? like ?', ('a' * 40000, '%a' * 20000 + 'b')).fetchall()",
  ],
  ["python", "import itertools\nit = iter([1])\nfor i in range(20000): it = itertools.chain(it, [1])\nnext(it)"],
  ["python", "e = ValueError(1)\nfor i in range(10000): e = ExceptionGroup('x', [e])\ne.split(ValueError)"],
  ["python", "x = []\nfor i in range(50000): x = [x]\ndel x"],
  ["javascript", "JSON.parse('['.repeat(131072))"],
  ["javascript", "eval('a=>'.repeat(1e5) + '1')"],
];

/** What passes through the guest's own code: its own limit comes first. */
const OWN: readonly (readonly [language: string, source: string])[] = [
  ["python", "def f(): return f()\nf()"],
  ["python", "class A:\n  def __eq__(self, other): return self == other\nA() == A()"],
  ["python", "class A:\n  def __repr__(self): return repr(self)\nrepr(A())"],
  ["javascript", "const f = () => f(); f()"],
  ["javascript", "const v = { valueOf() { return +v } }; +v"],
];

interface Outcome {
  readonly status: string;
  readonly limit?: string;
  readonly allowed?: number;
  readonly error?: string;
  readonly fuel: number;
  readonly left: string;
  readonly again: string;
}

async function outcomes(executable: string, flags: readonly string[]): Promise<readonly Outcome[]> {
  const { stdout } = await run(executable, [...flags, probe, JSON.stringify([...NATIVE, ...OWN])], {
    timeout: 110_000,
  });
  return JSON.parse(stdout) as Outcome[];
}

describe("recursion", () => {
  let expected: readonly Outcome[] = [];
  beforeAll(async () => {
    expected = await outcomes(process.execPath, []);
  });

  test("in C alone ends at the limit on the depth of calls, and the sandbox works again", () => {
    for (const { fuel, ...outcome } of expected.slice(0, NATIVE.length)) {
      expect(fuel).toBeGreaterThan(0);
      expect(outcome).toEqual({
        status: "limit",
        limit: "stack",
        allowed: expect.any(Number) as number,
        left: "reset",
        again: "ok",
      });
      // 0 would be the engine's own stack.
      expect(outcome.allowed).toBeGreaterThan(0);
    }
  });

  test("through the guest's own code ends in its own error", () => {
    const errors = expected.slice(NATIVE.length).map(({ status, error, left }) => [status, error, left]);
    expect(errors).toEqual([
      ["error", "RecursionError", "kept"],
      ["error", "RecursionError", "kept"],
      ["error", "RecursionError", "kept"],
      ["error", "InternalError", "kept"],
      ["error", "InternalError", "kept"],
    ]);
  });

  test("ends at the same unit of fuel where the host has less stack", { timeout: 120_000 }, async () => {
    expect(await outcomes(process.execPath, ["--stack-size=920"])).toEqual(expected);
  });

  const others = (process.env["WARDIAN_NODES"] ?? "").split(":").filter((name) => name !== "");
  test.skipIf(others.length > 0)("is not compared with other versions: WARDIAN_NODES names none", (context) => {
    context.skip();
  });
  test.each(others)("ends at the same unit of fuel in %s", { timeout: 120_000 }, async (executable) => {
    expect(await outcomes(executable, [])).toEqual(expected);
  });
});
