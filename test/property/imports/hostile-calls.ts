import fc from "fast-check";
import { expect } from "vitest";
import type { FuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";

/** A function that a guest can call, with its type. */
export interface ImportedFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly result: string | undefined;
  readonly call: (...values: never[]) => unknown;
}

/** What is called, and what it could do harm to. */
export interface Target {
  readonly functions: readonly ImportedFunction[];
  readonly memory: WebAssembly.Memory;
  readonly gauge: FuelGauge;
  /** The most that the memory may ever be, in bytes. */
  readonly maximumBytes: number;
}

export interface Tally {
  calls: number;
  stops: number;
  slowest: { name: string; ms: number };
}

export const newTally = (): Tally => ({ calls: 0, stops: 0, slowest: { name: "", ms: 0 } });

/** One call may take no longer, however it is asked: far above any, far below what nobody waits for. */
const MAX_CALL_MS = 2_000;

/** Numbers that mean something to whoever takes them for an address, a length, a descriptor or a flag. */
const number = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 4 * 65_536 }),
  fc.integer(),
  fc.constantFrom(0, -1, 1, 3, 8, 100, 64, 4_096, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31), 0x7fff0000),
);
const wide = fc.oneof(
  number.map(BigInt),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), -1n, 2n ** 32n, 2n ** 53n),
);
const float = fc.oneof(fc.double(), number, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0));

/** Which function, and seven values of each type: as many as it takes are used. */
export const hostileCalls = fc.array(
  fc.record({
    at: fc.nat(),
    numbers: fc.array(number, { minLength: 10, maxLength: 10 }),
    wides: fc.array(wide, { minLength: 10, maxLength: 10 }),
    floats: fc.array(float, { minLength: 10, maxLength: 10 }),
  }),
  { minLength: 30, maxLength: 120 },
);

export type HostileCalls = typeof hostileCalls extends fc.Arbitrary<infer Calls> ? Calls : never;

const TEXT = ["/work/f", "/tmp/../../etc/passwd", "../../x", "call", '{"a":1}', "\u0000", '["x"]', "__proto__"].map(
  (text) => new TextEncoder().encode(`${text}\0`),
);

/** Fills a memory with noise, and plausible text among it, so that codecs get past their first checks. */
export function corrupt(memory: WebAssembly.Memory, seed: number): void {
  const bytes = new Uint8Array(memory.buffer);
  // Xorshift of 32 bits: quick, and the same for the same seed.
  let state = seed | 1;
  const words = new Uint32Array(memory.buffer, 0, Math.min(bytes.length, 2 ** 20) >>> 2);
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    // Every other word is a small number: a length, a flag or a near address.
    words[at] = at % 2 === 0 ? state : state & 0x1ff;
  }
  for (const [index, text] of TEXT.entries()) bytes.set(text, 64 + index * 48);
}

/**
 * Calls imports as a guest with corrupted memory could. Each must answer a number, a bigint or nothing, or ask for a stop;
 * an exception may only be the guest's own trap, which the gauge turns into a stop.
 */
export function callAll(target: Target, calls: HostileCalls, tally: Tally): void {
  const { functions, gauge, memory, maximumBytes } = target;
  for (const { at, numbers, wides, floats } of calls) {
    const target = functions[at % functions.length];
    if (target === undefined) continue;
    const { name, parameters, result, call } = target;
    const values = parameters.map((type, index) =>
      type === "i64"
        ? wides[index]
        : type.startsWith("f")
          ? floats[index]
          : type === "externref"
            ? null
            : numbers[index],
    );
    gauge.arm({ fuel: 2e9, timeoutMs: 1_000 });
    const started = performance.now();
    const completion = gauge.enter(() => {
      const answer = call(...(values as never[]));
      expect([name, whatCrosses(answer, result)]).toEqual([name, "a number or nothing"]);
    });
    const ms = performance.now() - started;
    tally.calls++;
    if (ms > tally.slowest.ms) tally.slowest = { name, ms };
    if (completion.kind === "stopped") {
      tally.stops++;
      // A failed expectation, or a defect: neither is a way to end a guest.
      if (completion.reason.kind === "host-error") throw completion.reason.cause;
    }
    gauge.disarm();
    expect(ms, `${name}(${values.map(String).join()})`).toBeLessThan(MAX_CALL_MS);
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(maximumBytes);
  }
}

/** What an answer is once WebAssembly has made its type of it. Of a function without a result nothing crosses. */
function whatCrosses(answer: unknown, result: string | undefined): string {
  const harmless =
    result === undefined ||
    (result === "externref"
      ? answer === null
      : typeof answer === "bigint" || typeof answer === "number" || answer === undefined || answer === null);
  return harmless && !Number.isNaN(answer) ? "a number or nothing" : `a reference: ${typeof answer}`;
}

/** Prints what was done. */
export function report(of: string, functions: number, { calls, stops, slowest }: Tally): void {
  console.log(
    `imports of ${of}: ${functions} functions, ${calls} calls on corrupted memory, ${stops} ended the guest, ` +
      `0 exceptions, slowest ${slowest.name} ${slowest.ms.toFixed(1)} ms`,
  );
}
