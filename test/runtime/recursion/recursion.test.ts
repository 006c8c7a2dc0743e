/**
 * Recursion ends at the same unit of fuel whatever the host makes of the code: on its main thread with its default stack
 * and with less of it, on other threads, on stacks of JSPI, in other runtimes and in browsers.
 *   WARDIAN_RUNTIMES=/path/to/node:/path/to/bun:/path/to/deno   other runtimes to compare with
 *   WARDIAN_RECURSION=long                                      the programs that take long too, and all executions
 */
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "../../support/browsers/browser.ts";
import { OTHER_RUNTIMES, runInBrowser, runInRuntime } from "../../support/runtimes.ts";

const script = path.join(import.meta.dirname, "run-recursion.mjs");
const long = process.env["WARDIAN_RECURSION"] === "long";
const native = long ? ["NATIVE", "LONG_NATIVE"] : ["NATIVE"];
const other = long ? ["OTHER", "LONG_OTHER"] : ["OTHER"];
const timeout = long ? 280_000 : 60_000;

interface Outcome {
  readonly start: string;
  readonly status: string;
  readonly limit?: string;
  readonly allowed?: number;
  readonly error?: string;
  readonly fuel: number;
  readonly left: string;
  readonly again: string;
}

type Outcomes = Readonly<Record<string, readonly Outcome[]>>;

let expected: Outcomes = {};

beforeAll(async () => {
  expected = await outcomes(process.execPath, "inline");
}, timeout);

async function outcomes(runtime: string, execution: string, flags: readonly string[] = []): Promise<Outcomes> {
  return (await runInRuntime(runtime, script, [execution, ...native, ...other], flags)) as Outcomes;
}

describe("recursion", () => {
  test("in C alone ends at the limit on the depth of calls, and the sandbox works again", () => {
    for (const { fuel, start, ...outcome } of native.flatMap((list) => expected[list] ?? [])) {
      expect(fuel).toBeGreaterThan(0);
      expect([start, outcome]).toEqual([
        start,
        { status: "limit", limit: "stack", allowed: expect.any(Number) as number, left: "reset", again: "ok" },
      ]);
      // 0 would be the engine's own stack.
      expect(outcome.allowed).toBeGreaterThan(0);
    }
  });

  test("through the guest's own code ends in its own error", () => {
    for (const outcome of other.flatMap((list) => expected[list] ?? [])) {
      const { start, status, error } = outcome;
      expect([start, status === "error" ? "Error" : (outcome.limit ?? status), error]).toEqual([
        start,
        expect.stringMatching(/^(?:Error|ok|output)$/),
        status === "error" ? expect.stringMatching(/^(?:Recursion|Internal|Syntax|Reference|Value)Error$/) : undefined,
      ]);
      expect(outcome).toMatchObject({ left: "kept", again: "ok" });
    }
  });

  test("ends at the same unit of fuel where the host has less stack", { timeout }, async () => {
    expect(await outcomes(process.execPath, "inline", ["--stack-size=920"])).toEqual(expected);
  });

  test.each(long ? ["worker", "process"] : ["worker"])(
    "ends at the same unit of fuel with execution %s",
    { timeout },
    async (execution) => {
      expect(await outcomes(process.execPath, execution)).toEqual(expected);
    },
  );

  describe.each(BROWSERS.filter(({ installed }) => installed))("in $name", (browser) => {
    test.each(long ? ["inline", "worker", "yielding"] : ["worker"])(
      "ends at the same unit of fuel, %s",
      { timeout },
      async (execution) => {
        const run = JSON.stringify([execution, [...native, ...other]]);
        const module = "/test/runtime/recursion/measure-recursion.mjs";
        expect(await runInBrowser(browser, `import("${module}").then((it) => it.measureRecursion(...${run}))`)).toEqual(
          expected,
        );
      },
    );
  });

  describe.skipIf(OTHER_RUNTIMES.length === 0)("in other runtimes (named by WARDIAN_RUNTIMES)", () => {
    test.each(OTHER_RUNTIMES)("ends at the same unit of fuel in %s", { timeout }, async (runtime) => {
      expect(await outcomes(runtime, "inline")).toEqual(expected);
    });
  });
});
