import { parse } from "@bytecodealliance/jco";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import { meter } from "../../src/engine/index.ts";
import { verifyMetering } from "../../src/engine/verify/verify-metering.ts";
import { randomModule } from "./random-modules.ts";

interface Outcome {
  readonly result: unknown;
  readonly memory: string;
}

function outcome(exports: WebAssembly.Exports, run: () => unknown): Outcome {
  const result = run();
  return { result, memory: Buffer.from((exports["m"] as WebAssembly.Memory).buffer, 0, 2_048).toString("base64") };
}

function plain(bytes: Uint8Array<ArrayBuffer>, argument: number): Outcome {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return outcome(exports, () => (exports["f"] as (value: number) => number)(argument));
}

function metered(
  bytes: Uint8Array<ArrayBuffer>,
  argument: number,
  mode: "exact" | "optimized",
  sliceUnits: number,
): Outcome & { readonly used: number } {
  const rewritten = meter(bytes, { mode });
  const verdict = verifyMetering(rewritten.bytes, rewritten);
  expect(verdict.ok ? [] : verdict.problems.map(({ problem }) => problem)).toStrictEqual([]);
  const gauge = createFuelGauge({ now: () => 0, sliceUnits });
  const cell = gauge.cell();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten.bytes), {
    wardian: { exhausted: cell.exhausted },
  });
  cell.attach(exports[rewritten.fuelExport] as WebAssembly.Global<"i32">);
  gauge.arm({ fuel: Number.POSITIVE_INFINITY });
  const ended = outcome(exports, () => {
    const completion = gauge.enter(() => (exports["f"] as (value: number) => number)(argument));
    return completion.kind === "returned" ? completion.value : completion;
  });
  return { ...ended, used: gauge.used };
}

/** The optimizing meter charges ahead: at most this much more than the exact one. */
const FACTOR = 1.5;
const CONSTANT = 2_000;

describe("a random program", () => {
  test("does the same metered as plain, and is charged at least its exact cost", { timeout: 240_000 }, async () => {
    const ratios: number[] = [];
    await fc.assert(
      fc.asyncProperty(randomModule, fc.integer({ min: -3, max: 60 }), async (source, argument) => {
        const bytes = Uint8Array.from(await parse(source));
        expect(WebAssembly.validate(bytes)).toBe(true);
        const expected = plain(bytes, argument);
        const { used: exact, ...byExact } = metered(bytes, argument, "exact", 1_000);
        const { used: optimized, ...byOptimized } = metered(bytes, argument, "optimized", 1_000_000);
        const { used: sliced } = metered(bytes, argument, "optimized", 77);
        expect(byExact).toStrictEqual(expected);
        expect(byOptimized).toStrictEqual(expected);
        expect(sliced).toBe(optimized);
        expect(optimized).toBeGreaterThanOrEqual(exact);
        expect(optimized).toBeLessThanOrEqual(exact * FACTOR + CONSTANT);
        if (exact > 1_000) ratios.push(optimized / exact);
      }),
      {
        numRuns: Number(process.env["WARDIAN_RANDOM_RUNS"] ?? 300),
        seed: Number(process.env["WARDIAN_RANDOM_SEED"] ?? 20261121),
      },
    );
    ratios.sort((a, b) => a - b);
    // Otherwise the generator has stopped to make programs that do anything.
    expect(ratios.length).toBeGreaterThan(20);
    if (process.env["WARDIAN_RANDOM_RUNS"] !== undefined)
      console.log(
        `optimized / exact fuel: median ${String(ratios[ratios.length >> 1])}, largest ${String(ratios.at(-1))} of ${String(ratios.length)}`,
      );
  });
});
