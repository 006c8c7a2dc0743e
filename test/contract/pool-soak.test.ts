// Thousands of runs through one pool, a random tenth of which hit a limit: nothing is lost, nothing leaks.
// WARDIAN_SOAK=100000 is the long one.
import { expect, test } from "vitest";
import { memoryDirectory, Pool, seededRandom, tool } from "../../src/index.ts";
import type { RunResult } from "../../src/index.ts";

const RUNS = Number(process.env["WARDIAN_SOAK"] ?? 1_500);
const AT_ONCE = 16;

/** Programs that run into something, and what they come to. */
const TROUBLE: readonly (readonly [source: string, end: string])[] = [
  ["for (;;);", "time"],
  ["for (let i = 0; i < 1e9; i++);", "fuel"],
  ["new Uint8Array(40e6).length", "memory"],
  ["JSON.parse('['.repeat(1e5))", "stack"],
  ["'x'.repeat(2e5)", "output"],
  ["(await import('node:fs')).writeFileSync('/small/a', 'x'.repeat(2000))", "files"],
  ["for (let i = 0; i < 9; i++) await tools.one({})", "tools"],
  ["throw new Error('mine')", "error"],
];

test(
  `${RUNS} runs come back once each, and leave no memory behind`,
  async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const pool = await Pool.create({
      size: 2,
      sandbox: {
        language: "javascript",
        limits: { timeoutMs: 2_000, fuel: 5e8, memoryBytes: 24 * 2 ** 20, outputBytes: 1e5, toolCalls: 5 },
        files: { "/small": memoryDirectory({ maxBytes: 1_000 }) },
        tools: { one: tool({ run: () => 1 }) },
      },
    });
    const random = numbers(7);
    const seen = new Map<number, string>();
    const expected = new Map<number, string>();
    const memory: number[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < RUNS) {
        const number = next++;
        const [source, end] = random() < 0.1 ? pick(TROUBLE, random) : [`globalThis.n = ${number}; n`, `ok ${number}`];
        expected.set(number, end);
        const limits = end === "time" ? { timeoutMs: 20 } : {};
        const result = await pool.run(source, { tenant: `t${number % 7}`, limits });
        if (seen.has(number)) throw new Error(`result ${number} came twice`);
        seen.set(number, endOf(result));
        if (number % Math.ceil(RUNS / 60) === 0) memory.push(process.memoryUsage().rss / 2 ** 20);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const { stats } = pool;
    await pool.drain();
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    expect([...seen].toSorted(byNumber)).toEqual([...expected].toSorted(byNumber));
    expect(stats).toMatchObject({ completed: RUNS, replaced: 0, waiting: 0 });
    // Behind the warm-up; what the collector has not yet given back is in both halves.
    const half = memory.slice(Math.floor(memory.length / 2));
    const slope = slopeOf(half) * half.length;
    if (RUNS >= 20_000)
      console.log(
        `resident memory: ${Math.round(half[0] ?? 0)} MiB, slope over the second half ${slope.toFixed(1)} MiB`,
      );
    expect(slope).toBeLessThan(48);
  },
  60_000 + RUNS * 20,
);

function endOf(result: RunResult): string {
  if (result.status === "ok") return `ok ${String(result.value)}`;
  return result.status === "limit" ? result.limit : result.status;
}

function byNumber([a]: readonly [number, string], [b]: readonly [number, string]): number {
  return a - b;
}

/** Numbers from 0 to 1 that repeat with their seed. */
function numbers(seed: number): () => number {
  const source = seededRandom(seed);
  const bytes = new Uint8Array(4);
  return () => {
    source.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) / 2 ** 32;
  };
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError("Cannot pick from nothing");
  return item;
}

/** Least squares: growth from one sample to the next. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  for (const [index, value] of values.entries()) {
    above += (index - middle) * (value - mean);
    below += (index - middle) ** 2;
  }
  return above / below;
}
