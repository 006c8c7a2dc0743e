import { parse } from "@bytecodealliance/jco";
import { beforeAll, describe, expect, test } from "vitest";
import { createFuelGauge } from "../../../../src/engine/instance/fuel-gauge.ts";
import { DUE } from "../../../../src/engine/instance/suspending-check.ts";
import type { FuelCell, FuelGauge, StopReason } from "../../../../src/engine/instance/fuel-gauge.ts";

/** A module that carries by hand what the meter injects: ten units a turn, checked on each. */
const GUEST = `(module
  (import "wardian" "exhausted" (func $exhausted (result i32)))
  (import "host" "call" (func $host))
  (global $fuel (export "fuel") (mut i32) (i32.const 0))
  (global $depth (export "depth") (mut i32) (i32.const 100))
  (memory 1 2)
  (table 1 funcref)
  (tag $tag)
  (func $check (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (if (call $exhausted) (then unreachable)))))
  (func $charge (param i32) (global.set $fuel (i32.sub (global.get $fuel) (local.get 0))) (call $check))
  (func (export "burn") (param $turns i32)
    (loop $again
      (call $charge (i32.const 10))
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))))
  (func (export "spin") (loop $again (call $charge (i32.const 10)) (br $again)))
  (func (export "swallow") (loop $again (call $charge (i32.const 10)) try call $host catch_all end (br $again)))
  (func (export "debt") (param i32) (global.set $fuel (i32.sub (global.get $fuel) (local.get 0))))
  (func (export "host") (call $charge (i32.const 10)) (call $host) (call $charge (i32.const 10)))
  (func (export "host-last") (call $host))
  (func $recurse (export "recurse") (call $charge (i32.const 1)) (call $recurse))
  (func (export "too-deep") (global.set $depth (i32.const -1)) unreachable)
  (func (export "unreachable") unreachable)
  (func (export "out-of-bounds") (drop (i32.load (i32.const -4))))
  (func (export "divide") (drop (i32.div_s (i32.const 1) (i32.const 0))))
  (func (export "indirect") (call_indirect (i32.const 0)))
  (func (export "throw") (throw $tag)))`;

const START = `(module
  (import "wardian" "exhausted" (func $exhausted (result i32)))
  (global $fuel (export "fuel") (mut i32) (i32.const 0))
  (func $start (local $turns i32)
    (local.set $turns (i32.const TURNS))
    (loop $again
      (global.set $fuel (i32.sub (global.get $fuel) (i32.const 10)))
      (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (if (call $exhausted) (then unreachable))))
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))))
  (start $start))`;

type Call = (...args: number[]) => void;

interface Guest {
  readonly fuel: WebAssembly.Global<"i32">;
  readonly cell: FuelCell;
  readonly burn: Call;
  readonly spin: Call;
  readonly swallow: Call;
  readonly debt: Call;
  readonly host: Call;
  readonly divide: Call;
  readonly unreachable: Call;
  readonly named: ReadonlyMap<string, Call>;
}

let guest: WebAssembly.Module;
const starts = new Map<number, WebAssembly.Module>();
beforeAll(async () => {
  const compile = async (source: string): Promise<WebAssembly.Module> =>
    new WebAssembly.Module((await parse(source)) as Uint8Array<ArrayBuffer>);
  guest = await compile(GUEST);
  for (const turns of [100, 5_000]) starts.set(turns, await compile(START.replace("TURNS", String(turns))));
});

function makeGauge(options: { slice?: number; msPerLook?: number } = {}): {
  gauge: FuelGauge;
  clock: { time: number };
} {
  const clock = { time: 1_000 };
  const now = (): number => {
    clock.time += options.msPerLook ?? 0;
    return clock.time;
  };
  return {
    gauge: createFuelGauge({ now, ...(options.slice === undefined ? {} : { sliceUnits: options.slice }) }),
    clock,
  };
}

function makeGuest(gauge: FuelGauge, call: () => void = () => undefined): Guest {
  const cell = gauge.cell();
  const instance = new WebAssembly.Instance(guest, { wardian: { exhausted: cell.exhausted }, host: { call } });
  const exports = instance.exports as unknown as Omit<Guest, "cell" | "named"> & {
    readonly depth: WebAssembly.Global<"i32">;
  };
  cell.attach(exports.fuel, { global: exports.depth, limit: 100 });
  return { ...exports, cell, named: new Map(Object.entries(instance.exports) as [string, Call][]) };
}

function call(gauge: FuelGauge, run: (() => void) | undefined): StopReason | "returned" {
  if (run === undefined) throw new Error("no such export");
  const completion = gauge.enter(run);
  return completion.kind === "returned" ? "returned" : completion.reason;
}

describe("fuel", () => {
  test("is counted to the unit, whatever the slice", () => {
    for (const slice of [1, 7, 10, 999, 1_000, 1_000_000, 2 ** 30]) {
      const { gauge } = makeGauge({ slice });
      const { burn } = makeGuest(gauge);
      gauge.arm({ fuel: 1e9 });
      expect(call(gauge, () => burn(1_234))).toBe("returned");
      expect(gauge.used).toBe(12_340);
    }
  });

  test("stops a run at the first check beyond the budget, whatever the slice", () => {
    for (const slice of [1, 7, 10, 999, 1_000, 1_000_000]) {
      const { gauge } = makeGauge({ slice });
      const { spin } = makeGuest(gauge);
      gauge.arm({ fuel: 98_765 });
      expect(call(gauge, spin)).toStrictEqual({ kind: "fuel", allowed: 98_765 });
      expect(gauge.used).toBe(98_770);
      expect(gauge.stopping).toBe(true);
    }
  });

  test("allows a run that uses all of its budget and no more", () => {
    const { gauge } = makeGauge();
    const { burn } = makeGuest(gauge);
    gauge.arm({ fuel: 100 });
    expect(call(gauge, () => burn(10))).toBe("returned");
    gauge.disarm();
    gauge.arm({ fuel: 99 });
    expect(call(gauge, () => burn(10))).toStrictEqual({ kind: "fuel", allowed: 99 });
  });

  test("of nothing stops at the first charge", () => {
    const { gauge } = makeGauge();
    const { burn } = makeGuest(gauge);
    gauge.arm({ fuel: 0 });
    expect(call(gauge, () => burn(1))).toStrictEqual({ kind: "fuel", allowed: 0 });
  });

  test("counts what is charged after the last check", () => {
    const { gauge } = makeGauge();
    const { debt } = makeGuest(gauge);
    gauge.arm({ fuel: 100 });
    expect(call(gauge, () => debt(101))).toStrictEqual({ kind: "fuel", allowed: 100 });
    expect(gauge.used).toBe(101);
  });

  test("starts from zero at every run and is kept over calls of one run", () => {
    const { gauge } = makeGauge();
    const { burn } = makeGuest(gauge);
    gauge.arm({ fuel: 1_000 });
    call(gauge, () => burn(30));
    call(gauge, () => burn(30));
    expect(gauge.used).toBe(600);
    gauge.disarm();
    expect(gauge.used).toBe(600);
    gauge.arm({ fuel: 1_000 });
    expect(gauge.used).toBe(0);
    expect(call(gauge, () => burn(100))).toBe("returned");
  });

  test("without a limit is still counted", () => {
    const { gauge } = makeGauge({ slice: 100 });
    const { burn } = makeGuest(gauge);
    gauge.arm({ fuel: Number.POSITIVE_INFINITY });
    expect(call(gauge, () => burn(100_000))).toBe("returned");
    expect(gauge.used).toBe(1_000_000);
  });

  test("is shared by several modules, and what one leaves over another can burn", () => {
    const { gauge } = makeGauge({ slice: 1_000 });
    const [a, b] = [makeGuest(gauge), makeGuest(gauge)];
    gauge.arm({ fuel: 1_500 });
    expect(call(gauge, () => a.burn(1))).toBe("returned");
    expect(call(gauge, () => b.burn(140))).toBe("returned");
    expect(call(gauge, () => a.burn(9))).toBe("returned");
    expect(gauge.used).toBe(1_500);
    expect(call(gauge, () => a.burn(1))).toStrictEqual({ kind: "fuel", allowed: 1_500 });
  });

  test("keeps the fuel global within one slice, so that it can't wrap", () => {
    const { gauge } = makeGauge({ slice: 2 ** 30 });
    const { fuel, debt, burn } = makeGuest(gauge);
    gauge.arm({ fuel: Number.MAX_SAFE_INTEGER });
    call(gauge, () => debt(2 ** 30));
    call(gauge, () => burn(1));
    expect(fuel.value).toBe(2 ** 30);
    expect(gauge.used).toBe(2 ** 30 + 10);
  });
});

describe("host work", () => {
  test("is charged and stops the guest at its next check", () => {
    const { gauge } = makeGauge();
    const answers: boolean[] = [];
    const host = makeGuest(gauge, () => answers.push(gauge.charge(500), gauge.charge(500)));
    gauge.arm({ fuel: 800 });
    expect(call(gauge, host.host)).toStrictEqual({ kind: "fuel", allowed: 800 });
    expect(answers).toStrictEqual([true, false]);
    expect(gauge.used).toBe(1_020);
  });

  test("stops a run as guest work would: at the first check beyond the budget", () => {
    for (const slice of [1, 100, 1_000_000]) {
      const { gauge } = makeGauge({ slice });
      const { host, burn } = makeGuest(gauge, () => gauge.charge(500));
      gauge.arm({ fuel: 1_000 });
      expect(call(gauge, host)).toBe("returned");
      expect(call(gauge, () => burn(48))).toBe("returned");
      expect(gauge.used).toBe(1_000);
      expect(call(gauge, () => burn(1))).toStrictEqual({ kind: "fuel", allowed: 1_000 });
      expect(gauge.used).toBe(1_010);
    }
  });

  test("of no sensible size costs everything", () => {
    for (const units of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      const { gauge } = makeGauge();
      gauge.arm({ fuel: 1e15 });
      expect(gauge.charge(units)).toBe(false);
      expect(gauge.stopping).toBe(true);
    }
  });

  test("looks at the clock once a slice", () => {
    const { gauge, clock } = makeGauge({ slice: 1_000 });
    gauge.arm({ fuel: 1e9, timeoutMs: 5 });
    clock.time += 10;
    expect(gauge.charge(999)).toBe(true);
    expect(gauge.charge(1)).toBe(false);
  });

  test("is refused outside of a run", () => {
    expect(makeGauge().gauge.charge(1)).toBe(false);
  });
});

describe("time and abort", () => {
  test("stop an endless loop at the next slice", () => {
    const { gauge, clock } = makeGauge({ slice: 1_000, msPerLook: 1 });
    const { spin } = makeGuest(gauge);
    gauge.arm({ fuel: 1e9, timeoutMs: 50 });
    const armed = clock.time;
    expect(call(gauge, spin)).toStrictEqual({ kind: "time", allowedMs: 50 });
    expect(clock.time - armed).toBe(50);
    expect(gauge.remainingMs()).toBe(0);
  });

  test("of zero milliseconds lets nothing run", () => {
    const { gauge } = makeGauge();
    let ran = false;
    gauge.arm({ fuel: 1, timeoutMs: 0 });
    expect(gauge.enter(() => (ran = true))).toStrictEqual({ kind: "stopped", reason: { kind: "time", allowedMs: 0 } });
    expect(ran).toBe(false);
  });

  test("tell what is left", () => {
    const { gauge, clock } = makeGauge();
    expect(gauge.remainingMs()).toBe(0);
    gauge.arm({ fuel: 1 });
    expect(gauge.remainingMs()).toBe(Number.POSITIVE_INFINITY);
    gauge.disarm();
    gauge.arm({ fuel: 1, timeoutMs: 10 });
    clock.time += 4;
    expect(gauge.remainingMs()).toBe(6);
    clock.time += 14;
    expect(gauge.remainingMs()).toBe(0);
  });

  test("obey a signal that fires during the run, and before it", () => {
    const { gauge } = makeGauge({ slice: 100 });
    const controller = new AbortController();
    const { swallow } = makeGuest(gauge, () => {
      if (gauge.used > 1_000) controller.abort("enough");
    });
    gauge.arm({ fuel: 1e9, signal: controller.signal });
    expect(call(gauge, swallow)).toStrictEqual({ kind: "abort", reason: "enough" });
    gauge.disarm();
    gauge.arm({ fuel: 1e9, signal: controller.signal });
    expect(call(gauge, swallow)).toStrictEqual({ kind: "abort", reason: "enough" });
    expect(gauge.used).toBe(0);
  });

  test("yield to fuel, so that the verdict doesn't depend on the clock", () => {
    const { gauge, clock } = makeGauge();
    const { debt } = makeGuest(gauge);
    gauge.arm({ fuel: 10, timeoutMs: 10 });
    expect(call(gauge, () => ((clock.time += 100), debt(11)))).toStrictEqual({ kind: "fuel", allowed: 10 });
  });
});

describe("a stop", () => {
  test("reaches a guest that swallows every throw, and the first reason wins", () => {
    const { gauge } = makeGauge();
    let calls = 0;
    const { swallow } = makeGuest(gauge, () => {
      calls++;
      if (calls === 5) gauge.stop({ kind: "exit", code: 3 });
      if (calls === 5) gauge.stop({ kind: "sealed", name: "late" });
      throw new Error("swallowed");
    });
    gauge.arm({ fuel: 1e9 });
    expect(call(gauge, swallow)).toStrictEqual({ kind: "exit", code: 3 });
    expect(calls).toBe(5);
    expect(gauge.used).toBe(60);
  });

  test("holds even if the guest returns before its next check", () => {
    const { gauge } = makeGauge();
    const exports = makeGuest(gauge, () => gauge.stop({ kind: "exit", code: 0 }));
    gauge.arm({ fuel: 1e9 });
    expect(call(gauge, exports.named.get("host-last"))).toStrictEqual({ kind: "exit", code: 0 });
  });

  test("holds for every later entry until the next run", () => {
    const { gauge } = makeGauge();
    const { unreachable, burn } = makeGuest(gauge);
    gauge.arm({ fuel: 1e9 });
    expect(call(gauge, unreachable)).toStrictEqual({ kind: "unreachable" });
    expect(call(gauge, () => burn(1))).toStrictEqual({ kind: "unreachable" });
    gauge.disarm();
    gauge.arm({ fuel: 1e9 });
    expect(call(gauge, () => burn(1))).toBe("returned");
  });

  test("in a nested call stops the outer ones", () => {
    const { gauge } = makeGauge();
    const inner = makeGuest(gauge);
    const seen: unknown[] = [];
    const { swallow } = makeGuest(gauge, () => seen.push(call(gauge, inner.divide)));
    gauge.arm({ fuel: 1e9 });
    expect(call(gauge, swallow)).toStrictEqual({ kind: "trap", message: "divide by zero" });
    expect(seen).toStrictEqual([{ kind: "trap", message: "divide by zero" }]);
  });

  test("ends entries nested deeper than sixteen", () => {
    const { gauge } = makeGauge();
    let depth = 0;
    const { host } = makeGuest(gauge, () => {
      depth++;
      gauge.enter(() => host());
    });
    gauge.arm({ fuel: 1e9 });
    expect(call(gauge, host)).toStrictEqual({ kind: "stack" });
    expect(depth).toBe(16);
  });

  test("also meets a function that is called behind the gauge's back", () => {
    const { gauge } = makeGauge();
    const { burn } = makeGuest(gauge);
    expect(() => burn(1)).toThrow(WebAssembly.RuntimeError);
    gauge.arm({ fuel: 1e9 });
    call(gauge, () => burn(1));
    gauge.disarm();
    expect(() => burn(1)).toThrow(WebAssembly.RuntimeError);
  });
});

describe("the end of a call", () => {
  const cases: [string, StopReason][] = [
    ["recurse", { kind: "stack" }],
    ["too-deep", { kind: "stack", allowed: 100 }],
    ["unreachable", { kind: "unreachable" }],
    ["out-of-bounds", { kind: "trap", message: "memory access out of bounds" }],
    ["divide", { kind: "trap", message: "divide by zero" }],
    ["indirect", { kind: "trap", message: "null function or function signature mismatch" }],
    ["throw", { kind: "trap", message: "uncaught exception" }],
  ];
  test.each(cases)("by %s is told apart", (name, reason) => {
    const { gauge } = makeGauge();
    const exports = makeGuest(gauge);
    gauge.arm({ fuel: 1e9 });
    const got = call(gauge, exports.named.get(name));
    // Node 22 and later word a bad indirect call in two ways.
    if (name === "indirect") expect(got).toMatchObject({ kind: "trap" });
    else expect(got).toStrictEqual(reason);
  });

  const foreign: [string, unknown, StopReason["kind"]][] = [
    [
      "SpiderMonkey's stack overflow",
      Object.assign(new Error("too much recursion"), { name: "InternalError" }),
      "stack",
    ],
    ["JavaScriptCore's stack overflow", new RangeError("Maximum call stack size exceeded."), "stack"],
    ["SpiderMonkey's unreachable", new WebAssembly.RuntimeError("unreachable executed"), "unreachable"],
    [
      "JavaScriptCore's unreachable",
      new WebAssembly.RuntimeError("Unreachable code should not be executed (evaluating 'f()')"),
      "unreachable",
    ],
    [
      "V8's refusal of memory",
      new RangeError("WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance"),
      "memory",
    ],
    ["SpiderMonkey out of memory", "out of memory", "memory"],
    ["a huge array of V8", new WebAssembly.RuntimeError("requested new array is too large"), "memory"],
    ["a host's own range error", new RangeError("Invalid typed array length: -1"), "host-error"],
    ["a host's thrown string", "boom", "host-error"],
    ["a host's thrown null", null, "host-error"],
    ["a revoked proxy", revoked(), "host-error"],
  ];
  test.each(foreign)("by %s is told apart", (_, thrown, kind) => {
    const { gauge } = makeGauge();
    gauge.arm({ fuel: 1e9 });
    const reason = call(gauge, () => {
      throw thrown;
    });
    expect(reason).toHaveProperty("kind", kind);
    if (kind === "host-error") expect((reason as { cause?: unknown }).cause).toBe(thrown);
  });

  test("by a failing clock stops the guest instead of throwing into it", () => {
    let looks = 0;
    const failure = new Error("no clock");
    const gauge = createFuelGauge({
      now: () => {
        looks++;
        if (looks > 3) throw failure;
        return 0;
      },
      sliceUnits: 100,
    });
    const { swallow } = makeGuest(gauge);
    gauge.arm({ fuel: 1e9, timeoutMs: 1_000 });
    expect(call(gauge, swallow)).toStrictEqual({ kind: "host-error", cause: failure });
  });

  test("a host function that ran out of stack and asked for a stop counts as the guest's stack", () => {
    const gauge = createFuelGauge({ now: () => 0 });
    gauge.arm({ fuel: 100 });
    gauge.stop({ kind: "host-error", cause: new RangeError("Maximum call stack size exceeded") });
    expect(gauge.enter(() => 1)).toStrictEqual({ kind: "stopped", reason: { kind: "stack" } });
  });
});

describe("a start function", () => {
  const start = (gauge: FuelGauge, turns: number): StopReason | "returned" => {
    const cell = gauge.cell();
    const module = starts.get(turns);
    if (module === undefined) throw new Error("no such module");
    return call(gauge, () => {
      const { exports } = new WebAssembly.Instance(module, { wardian: { exhausted: cell.exhausted } });
      cell.attach(exports["fuel"] as WebAssembly.Global<"i32">);
    });
  };

  test("runs on credit and is counted", () => {
    const { gauge } = makeGauge();
    gauge.arm({ fuel: 1e9 });
    expect(start(gauge, 100)).toBe("returned");
    expect(gauge.used).toBe(1_000);
  });

  test("can't outrun a small budget", () => {
    const { gauge } = makeGauge();
    gauge.arm({ fuel: 999 });
    expect(start(gauge, 100)).toStrictEqual({ kind: "fuel", allowed: 999 });
  });

  test("is stopped after 4,096 checks", () => {
    const { gauge } = makeGauge();
    gauge.arm({ fuel: 1e9 });
    expect(start(gauge, 5_000)).toStrictEqual({ kind: "trap", message: "start function runs too long" });
  });

  test("without a budget doesn't run at all", () => {
    const { gauge } = makeGauge();
    const module = starts.get(100);
    if (module === undefined) throw new Error("no such module");
    expect(() => new WebAssembly.Instance(module, { wardian: { exhausted: gauge.cell().exhausted } })).toThrow(
      WebAssembly.RuntimeError,
    );
  });
});

describe("cells", () => {
  test("that are released stop counting from there and can't run on", () => {
    const { gauge } = makeGauge();
    const { burn, cell } = makeGuest(gauge);
    gauge.arm({ fuel: 1e9 });
    call(gauge, () => burn(7));
    cell.release();
    expect(gauge.used).toBe(70);
    expect(call(gauge, () => burn(200_000))).toHaveProperty("kind", "trap");
  });

  test("of dropped instances are collected", async () => {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { gauge } = makeGauge();
    const refs: WeakRef<object>[] = [];
    const run = (): void => {
      const exports = makeGuest(gauge);
      gauge.arm({ fuel: 1e9 });
      call(gauge, () => exports.burn(7));
      gauge.disarm();
      refs.push(new WeakRef(exports.fuel));
    };
    for (let i = 0; i < 5; i++) run();
    for (let i = 0; i < 10 && refs.some((ref) => ref.deref() !== undefined); i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collect();
    }
    expect(refs.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
    expect(gauge.used).toBe(70);
  });
});

describe("a yielding run", () => {
  test("waits between slices and sees a stop that came meanwhile", async () => {
    const clock = { time: 0 };
    let waits = 0;
    let paused = 0;
    const gauge = createFuelGauge({
      now: () => clock.time,
      sliceUnits: 100,
      pause: {
        due: () => clock.time - paused >= 5,
        wait: async () => {
          await Promise.resolve();
          paused = clock.time;
          waits++;
          if (waits === 3) gauge.stop({ kind: "exit", code: 9 });
        },
      },
    });
    const cell = gauge.cell();
    const fuel = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
    cell.attach(fuel);
    gauge.arm({ fuel: 1e9 });
    // JSPI is not there on Node 20: this loop does what a suspended guest does.
    const completion = await gauge.enterAsync(async () => {
      for (;;) {
        fuel.value -= 10;
        clock.time += 0.1;
        const answer = fuel.value < 0 ? cell.exhaustedOrDue() : 0;
        const stopped = answer === DUE ? await cell.pause() : answer;
        if (stopped !== 0) throw new WebAssembly.RuntimeError("unreachable");
      }
    });
    expect(completion).toStrictEqual({ kind: "stopped", reason: { kind: "exit", code: 9 } });
    expect(waits).toBe(3);
    expect(gauge.used).toBeGreaterThan(1_000);
  });

  test("never pauses with JavaScript on the stack", async () => {
    const gauge = createFuelGauge({ now: () => 0, pause: { due: () => true, wait: () => Promise.resolve() } });
    const cell = gauge.cell();
    cell.attach(new WebAssembly.Global({ value: "i32", mutable: true }, -1));
    gauge.arm({ fuel: 1e9 });
    const answers: number[] = [];
    const look = (): void => void answers.push(cell.exhaustedOrDue());
    gauge.enter(look);
    await gauge.enterAsync(async () => {
      look();
      gauge.withoutPause(look);
      gauge.enter(look);
      look();
      await cell.pause();
      look();
    });
    look();
    expect(answers).toEqual([0, DUE, 0, 0, DUE, DUE, 0]);
  });

  test("turns a failing wait into a stop", async () => {
    const failure = new Error("no event loop");
    const gauge = createFuelGauge({ now: () => 0, pause: { due: () => true, wait: () => Promise.reject(failure) } });
    const cell = gauge.cell();
    cell.attach(new WebAssembly.Global({ value: "i32", mutable: true }, -1));
    gauge.arm({ fuel: 1e9 });
    expect(await cell.pause()).toBe(1);
    expect(await gauge.enterAsync(() => Promise.resolve(1))).toStrictEqual({
      kind: "stopped",
      reason: { kind: "host-error", cause: failure },
    });
  });
});

describe("a host's mistake", () => {
  test.each([
    [{ fuel: -1 }, "fuel -1"],
    [{ fuel: Number.NaN }, "fuel NaN"],
    [{ fuel: 1, timeoutMs: -1 }, "timeoutMs -1"],
    [{ fuel: 1, timeoutMs: Number.NaN }, "timeoutMs NaN"],
  ])("in a budget is named: %o", (budget, message) => {
    expect(() => {
      makeGauge().gauge.arm(budget);
    }).toThrow(message);
  });

  test.each([0, -1, 1.5, 2 ** 31, Number.NaN])("in a slice is named: %d", (sliceUnits) => {
    expect(() => createFuelGauge({ now: () => 0, sliceUnits })).toThrow(RangeError);
  });

  test("of entering without a budget, or arming while the guest runs, is named", () => {
    const { gauge } = makeGauge();
    expect(() => gauge.enter(() => 1)).toThrow("no budget is armed");
    gauge.arm({ fuel: 1 });
    gauge.enter(() => {
      expect(() => {
        gauge.arm({ fuel: 1 });
      }).toThrow("the guest is running");
    });
  });
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
