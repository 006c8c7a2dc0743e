// The host's end of the boundary to JavaScript guests: what it does with answers and calls that no honest guest makes.
import { describe, expect, test } from "vitest";
import { createFuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import type { FuelGauge, StopReason } from "../../src/engine/instance/fuel-gauge.ts";
import { decodeAnswer, encodeMessage } from "../../src/guests/javascript/protocol.ts";
import { guarded } from "../../src/wasi/preview2/guarded.ts";
import { monotonicClock, wallClock } from "../../src/wasi/preview2/clocks.ts";
import { MAX_RANDOM_BYTES, randomImports } from "../../src/wasi/preview2/random.ts";
import { OutputStream } from "../../src/wasi/preview2/streams.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string): unknown => decodeAnswer(bytes(text), 1_000, () => true);
const forged = {
  state: "done",
  outcome: {
    kind: "error",
    error: { name: "InternalError", message: "The guest answered with something that is not an answer" },
  },
};

describe("an answer", () => {
  test.each<[string, unknown]>([
    ['v{"o":["a",1]}', { state: "done", outcome: { kind: "value", value: { a: 1 } } }],
    ["l", { state: "done", outcome: { kind: "value-too-large", allowed: 1_000 } }],
    [
      'e{"name":"E","message":"m","traceback":"t","line":3}',
      { state: "done", outcome: { kind: "error", error: { name: "E", message: "m", traceback: "t", line: 3 } } },
    ],
    ['w{"calls":[1,2],"wakeAt":5.5}', { state: "waiting", callIds: [1, 2], wakeAtMs: 5.5 }],
    [`v"${"x".repeat(1_000)}"`, { state: "done", outcome: { kind: "value-too-large", allowed: 1_000 } }],
  ])("%s is read", (text, turn) => {
    expect(read(text)).toMatchObject(turn as object);
  });

  test.each([
    "",
    "x",
    "v",
    "v{",
    'v{"o":[1]}',
    'v{"nope":1}',
    'v{"__proto__":1}',
    `v${"[".repeat(300)}${"]".repeat(300)}`,
    "e",
    "e5",
    "enull",
    'e{"name":1}',
    'e{"name":"a","message":{},"traceback":""}',
    "w",
    "wnull",
    "w{}",
    'w{"calls":"all"}',
    'w{"calls":[1.5,"2",null]}',
    'w{"wakeAt":"soon"}',
    `v{"i":"${"9".repeat(990)}x"}`,
  ])("%s is an error of the guest", (text) => {
    expect(read(text)).toMatchObject(forged);
  });

  test("that is no UTF-8 is an error of the guest", () => {
    expect(decodeAnswer(Uint8Array.of(118, 255, 254), 1_000, () => true)).toMatchObject(forged);
  });

  test("has its parts cut, and a line only if it is one", () => {
    const long = JSON.stringify({
      name: "n".repeat(1e5),
      message: "m".repeat(1e5),
      traceback: "t".repeat(1e5),
      line: -1,
    });
    const turn = read(`e${long}`) as { readonly outcome: { readonly error: Record<string, string> } };
    expect(Object.values(turn.outcome.error).map((text) => text.length)).toEqual([300, 32_000, 32_000]);
  });
});

test("a message escapes what UTF-8 and C strings can't carry", () => {
  const message = new TextDecoder().decode(
    encodeMessage({ settlements: [{ id: 1, reply: { state: "value", json: '"\0\ud800"' } }], wake: false }),
  );
  expect(message).not.toContain("\0");
  expect(JSON.parse(message)).toEqual({
    settlements: [{ id: 1, reply: { state: "value", json: '"\0\ud800"' } }],
    wake: false,
  });
});

function armed(): FuelGauge {
  const fuel = createFuelGauge({ now: () => 0 });
  fuel.arm({ fuel: 1e9 });
  return fuel;
}

function reasonOf(fuel: FuelGauge): StopReason | undefined {
  const completion = fuel.enter(() => 0);
  return completion.kind === "stopped" ? completion.reason : undefined;
}

describe("an import", () => {
  test("that throws stops the run and gives the guest a plain value", () => {
    const fuel = armed();
    const cause = new Error("defect");
    expect(guarded(fuel, 7, () => { throw cause; })()).toBe(7); // prettier-ignore
    expect(reasonOf(fuel)).toEqual({ kind: "host-error", cause });
  });

  test("does nothing once a stop was asked for", () => {
    const fuel = armed();
    fuel.stop({ kind: "stack" });
    let calls = 0;
    expect(guarded(fuel, "instead", () => String(++calls))()).toBe("instead");
    expect(calls).toBe(0);
  });

  test("is charged for", () => {
    const fuel = armed();
    guarded(fuel, 0, () => 1)();
    expect(fuel.used).toBeGreaterThan(0);
  });

  test("for random bytes refuses a length that only a hostile guest asks for", () => {
    const fuel = armed();
    const filled: number[] = [];
    const random = randomImports({ kind: "custom", fill: (into) => void filled.push(into.fill(1).length) }, fuel);
    expect(random.getRandomBytes(5n)).toEqual(Uint8Array.of(1, 1, 1, 1, 1));
    expect(random.getRandomU64()).toBe(0x0101010101010101n);
    expect(random.getRandomBytes(2n ** 64n - 1n)).toHaveLength(0);
    expect(filled).toEqual([5, 8]);
    expect(reasonOf(fuel)).toMatchObject({ kind: "trap" });
    expect(MAX_RANDOM_BYTES).toBeLessThanOrEqual(2 ** 20);
  });

  test("for the time never gives what the interface can't hold", () => {
    const at = (ms: number): unknown => {
      const clock = {
        kind: "custom" as const,
        now: () => ms,
        monotonic: () => ms,
        sleep: () => Promise.resolve(),
        sleepSync: () => undefined,
      };
      return [wallClock(clock, armed()).now(), monotonicClock(clock, armed()).now()];
    };
    expect(at(1_234.5)).toEqual([{ seconds: 1n, nanoseconds: 234_500_000 }, 1_234_500_000n]);
    expect(at(-5)).toEqual([{ seconds: 0n, nanoseconds: 0 }, 0n]);
    expect(at(999.9999999)).toEqual([{ seconds: 0n, nanoseconds: 999_999_999 }, 1_000_000_000n]);
    expect(at(Number.NaN)).toEqual([{ seconds: 0n, nanoseconds: 0 }, 0n]);
  });

  test("for output survives a sink that throws", () => {
    const fuel = armed();
    const cause = new Error("sink");
    const stream = new OutputStream({ write: () => { throw cause; } }, "stdout", fuel); // prettier-ignore
    expect(() => stream.blockingWriteAndFlush(bytes("x"))).not.toThrow();
    expect(reasonOf(fuel)).toEqual({ kind: "host-error", cause });
  });
});
