import { describe, expect, test } from "vitest";
import { guardCall } from "../../src/wasi/guard-call.ts";

type Any = (...values: readonly unknown[]) => unknown;

/** A guarded call of a host that counts, with what was asked of the gauge. */
function guarded(call: Any, { stopping = false, pays = true } = {}) {
  const stops: unknown[] = [];
  const paid: unknown[] = [];
  const guard = {
    fuel: { stopping, stop: (reason: unknown) => void stops.push(reason) },
    pay: () => (paid.push("call"), pays),
    failure: 29,
  };
  return { run: guardCall("host", call as never, guard) as Any, stops, paid };
}

describe("a guarded call", () => {
  test("gets its host and all nine arguments as they are", () => {
    const seen: unknown[] = [];
    const { run, paid } = guarded((...values) => (seen.push(...values), 7));
    expect(run(-1, 2n, 3.5, 0, 5, 6, 7, 8, -9n)).toBe(7);
    expect([seen, paid]).toEqual([["host", -1, 2n, 3.5, 0, 5, 6, 7, 8, -9n], ["call"]]);
  });

  test("is not made by a guest that is stopping or cannot pay", () => {
    const never: Any = () => {
      throw new Error("called");
    };
    const stopping = guarded(never, { stopping: true });
    expect([stopping.run(), stopping.paid, stopping.stops]).toEqual([29, [], []]);
    const poor = guarded(never, { pays: false });
    expect([poor.run(), poor.stops]).toEqual([29, []]);
  });

  test("throws nothing into the guest", () => {
    const cause = new Error("defect");
    const { run, stops } = guarded(() => {
      throw cause;
    });
    expect([run(), stops]).toEqual([29, [{ kind: "host-error", cause }]]);
  });

  test("has no more arguments than are handed on", () => {
    const ten = (
      h: unknown,
      a: unknown,
      b: unknown,
      c: unknown,
      d: unknown,
      e: unknown,
      f: unknown,
      g: unknown,
      i: unknown,
      j: unknown,
      k: unknown,
    ) => [h, a, b, c, d, e, f, g, i, j, k];
    expect(() => guarded(ten)).toThrow("too many arguments");
  });
});
