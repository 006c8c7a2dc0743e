import { describe, expect, test } from "vitest";
import { inspect, meter, verifyMetering } from "../../../../src/engine/index.ts";
import { assemble, runMetered } from "./metered-guest.ts";

const MODES = ["exact", "optimized"] as const;

/** Programs with every shape of control flow that the planner treats apart. `f` takes one i32 and returns one. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "a loop that counts down": `(module (func (export "f") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))`,
  "nested loops with an exit from both": `(module (func (export "f") (param i32) (result i32) (local i32 i32)
    (block (loop (local.set 2 (i32.const 10)) (loop (local.set 1 (i32.add (local.get 1) (local.get 2)))
      (br_if 2 (i32.gt_u (local.get 1) (i32.const 4000))) (br_if 0 (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))) (local.get 1)))`,
  "a continue of the outer loop from the inner": `(module (func (export "f") (param i32) (result i32) (local i32 i32)
    (loop $o (local.set 2 (i32.const 0)) (loop $i (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (local.set 2 (i32.add (local.get 2) (i32.const 1)))
      (if (i32.gt_u (local.get 2) (i32.and (local.get 0) (i32.const 7))) (then (br_if $o (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))) (return (local.get 1))))
      (br $i))) (unreachable)))`,
  "a tiny loop that goes on, leaves, leaves two blocks and falls out": `(module (func (export "f") (param i32) (result i32) (local i32)
    (block $far (block $near (loop $l (local.set 1 (i32.add (local.get 1) (i32.const 3)))
      (br_if $near (i32.gt_u (local.get 1) (i32.const 2000))) (br_if $far (i32.eq (local.get 0) (i32.const 95)))
      (if (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (then (br $l)))))
      (local.set 1 (i32.xor (local.get 1) (i32.const 77)))) (local.get 1)))`,
  "a tiny loop in a tiny loop's way": `(module (func (export "f") (param i32) (result i32) (local i32 i32)
    (block $out (loop $o (local.set 2 (i32.and (local.get 0) (i32.const 7)))
      (loop $i (if (local.get 2) (then (local.set 2 (i32.sub (local.get 2) (i32.const 1))) (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br_if $out (i32.gt_u (local.get 1) (i32.const 1500))) (br_if $o (i32.eq (local.get 1) (local.get 0))) (br $i))))
      (br_if $o (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))) (local.get 1)))`,
  "a return and a branch to the function out of a loop": `(module (func $g (param i32) (result i32)
    (loop (if (i32.eq (local.get 0) (i32.const 7)) (then (br 2 (i32.const 5)))) (if (i32.eq (local.get 0) (i32.const 9)) (then (return (i32.const 6))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 3))
    (func (export "f") (param i32) (result i32) (i32.add (call $g (local.get 0)) (call $g (i32.const 5)))))`,
  "a loop with parameters and a result": `(module (func (export "f") (param i32) (result i32) (local.get 0) (i32.const 0)
    (loop (param i32 i32) (result i32) (local.set 0) (i32.const 1) (i32.sub) (local.tee 0) (local.get 0) (local.get 0) (br_if 0) (drop))))`,
  "a br_table in a loop": `(module (func (export "f") (param i32) (result i32) (local i32)
    (loop $l (block $a (block $b (block $c (br_table $a $b $c (i32.rem_u (local.get 0) (i32.const 3)))) (local.set 1 (i32.add (local.get 1) (i32.const 1))))
      (local.set 1 (i32.mul (local.get 1) (i32.const 3)))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))`,
  "recursion with two calls": `(module (func $f (export "f") (param i32) (result i32) (local.set 0 (i32.and (local.get 0) (i32.const 15)))
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2))))))))`,
  "indirect calls": `(module (type $t (func (param i32) (result i32))) (table 2 funcref) (elem (i32.const 0) $dec $stop)
    (func $stop (param i32) (result i32) (local.get 0))
    (func $dec (param i32) (result i32) (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.le_s (local.get 0) (i32.const 1))))
    (func (export "f") (param i32) (result i32) (call $dec (i32.and (local.get 0) (i32.const 255)))))`,
  "a call behind a loop, in a loop": `(module (func $g (param i32) (result i32) (i32.xor (local.get 0) (i32.const 5)))
    (func (export "f") (param i32) (result i32) (local i32 i32) (loop (local.set 2 (i32.const 4))
      (loop (local.set 1 (i32.add (local.get 1) (local.get 2))) (br_if 0 (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
      (local.set 1 (call $g (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))`,
  "dead code": `(module (func (export "f") (param i32) (result i32) (block (br 0) (loop (br_if 0 (i32.const 1)) (br 0)) (i32.div_u (i32.const 1)) (drop)) (local.get 0)))`,
  "exceptions thrown, caught and thrown again": `(module (tag $t (param i32)) (func $g (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $t (local.get 0)))))
    (func (export "f") (param i32) (result i32) (local i32) (loop $l
      try try (call $g (local.get 0)) catch $t (i32.const 1) (i32.add) (local.get 1) (i32.add) (local.set 1) (rethrow 0) end
      catch_all (local.set 1 (i32.add (local.get 1) (i32.const 2))) end
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))`,
};

describe.each(Object.entries(PROGRAMS))("%s", (_, wat) => {
  test.each([1, 2, 7, 100, 777])("computes the same metered, f(%i)", async (argument) => {
    const bytes = await assemble(wat);
    const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports["f"] as (value: number) => number;
    const expected = plain(argument);
    const [exact, optimized] = MODES.map((mode) => {
      const guest = runMetered(bytes, { mode, addExports: "state" });
      expect(guest.call("f", argument)).toBe(expected);
      return guest.used();
    });
    // The optimised mode never charges less, and at most 32 units a point more.
    expect(optimized).toBeGreaterThanOrEqual(exact ?? Number.NaN);
    expect(optimized).toBeLessThanOrEqual((exact ?? Number.NaN) * 40 + 100);
  });

  test("uses as much fuel in small slices as in large ones", async () => {
    const bytes = await assemble(wat);
    const used = [100, 5_000, 1_000_000].map((slice) => {
      const guest = runMetered(bytes, { slice });
      guest.call("f", 500);
      return guest.used();
    });
    expect(new Set(used).size).toBe(1);
  });
});

/** The smallest endless programs. */
const ENDLESS: Readonly<Record<string, string>> = {
  "an empty loop": `(module (func (export "f") (loop (br 0))))`,
  "an empty conditional loop": `(module (func (export "f") (loop (br_if 0 (i32.const 1)))))`,
  "a loop by br_table": `(module (func (export "f") (loop (br_table 0 0 0 (i32.const 1)))))`,
  "a loop around an empty loop": `(module (func (export "f") (loop (loop (br_if 1 (i32.const 1))))))`,
  "a loop that calls an empty function": `(module (func $g) (func (export "f") (loop (call $g) (br 0))))`,
  "a loop that calls an import": `(module (import "env" "i" (func $i)) (func (export "f") (loop (call $i) (br 0))))`,
  "a loop that catches": `(module (tag $t) (func (export "f") (loop try (throw $t) catch_all end (br 0))))`,
  "a loop that catches its callee's throw": `(module (tag $t) (func $g (throw $t)) (func (export "f") (loop try (call $g) (unreachable) catch_all end (br 0))))`,
  "tail calls": `(module (func $f (export "f") (return_call $g)) (func $g (return_call $f)))`,
  "indirect tail calls": `(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $f) (func $f (export "f") (return_call_indirect (type $t) (i32.const 0))))`,
  "calls that double sixty times": `(module (func $a0) ${Array.from({ length: 60 }, (_, level) => `(func $a${level + 1} (call $a${level}) (call $a${level}))`).join(" ")} (export "f" (func $a60)))`,
  "fills of 64 MiB": `(module (memory 1024) (func (export "f") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 67108864)) (br 0))))`,
  "growth that fails": `(module (memory 1 2) (func (export "f") (loop (drop (memory.grow (i32.const 5))) (br 0))))`,
};

describe.each(Object.entries(ENDLESS))("%s", (name, wat) => {
  const tail = name.includes("tail");
  test.each(MODES)("is stopped in %s mode", async (mode) => {
    const bytes = await assemble(wat);
    if (tail && !WebAssembly.validate(bytes)) return;
    const guest = runMetered(bytes, { mode, imports: { env: { i: () => undefined } } });
    expect(guest.call("f")).toMatch(/unreachable/i);
    expect(guest.used()).toBeGreaterThanOrEqual(10_000_000);
    expect(guest.used()).toBeLessThan(10_000_000 + 1_100_000);
  });
});

describe("options", () => {
  const stateful = `(module (global $a (mut i32) (i32.const 1)) (global $b i32 (i32.const 2)) (global $c (export "c") (mut i64) (i64.const 3))
    (memory 1 100) (table 3 funcref) (func $first (export "first")) (func $start (global.set $a (i32.const 9))) (start $start)
    (func (export "get") (result i32) (global.get $a)) (export "wardian.fuel" (func $first)))`;

  test("keep exports by list or by rule, and name the fuel global around a collision", async () => {
    const bytes = await assemble(stateful);
    expect(meter(bytes).fuelExport).toBe("wardian.fuel.2");
    const names = (options: Parameters<typeof meter>[1]): string[] =>
      inspect(meter(bytes, options).bytes).exports.map(({ name }) => name);
    expect(names({ keepExports: ["get"] })).toEqual(["get", "wardian.fuel"]);
    expect(names({ keepExports: (name) => name.startsWith("f") })).toEqual(["first", "wardian.fuel"]);
  });

  test("export every piece of state for snapshots", async () => {
    const { state, added } = meter(await assemble(stateful), { addExports: "state" });
    expect(state).toEqual({
      globals: ["wardian.global.0", "c"],
      memories: ["wardian.memory.0"],
      tables: ["wardian.table.0"],
    });
    expect(added.map(({ kind, index }) => `${kind} ${index}`)).toEqual(["global 0", "memory 0", "table 0"]);
  });

  test("move the start function behind instantiation", async () => {
    const guest = runMetered(await assemble(stateful), { start: "export" });
    expect(guest.call("get")).toBe(0 + 1);
    guest.call(guest.metered.startExport ?? "");
    expect(guest.call("get")).toBe(9);
  });

  test("cap memories and tables, and refuse what begins above the cap", async () => {
    const bytes = await assemble(stateful);
    const { memories, tables } = inspect(meter(bytes, { memoryMaxBytes: 3 * 65_536 + 5, tableMaxElements: 7 }).bytes);
    expect([memories[0]?.maximum, tables[0]?.maximum]).toEqual([3, 7]);
    expect(inspect(meter(bytes).bytes).memories[0]?.maximum).toBe(100);
    expect(() => meter(bytes, { memoryMaxBytes: 65_535 })).toThrow(
      expect.objectContaining({ code: "module-too-large" }),
    );
    expect(() => meter(bytes, { tableMaxElements: 2 })).toThrow(expect.objectContaining({ code: "module-too-large" }));
  });

  test("import the fuel global, with the module's own globals shifted", async () => {
    const metered = meter(await assemble(stateful), {
      fuelImport: { module: "wardian", name: "fuel" },
      addExports: "state",
    });
    const fuel = new WebAssembly.Global({ value: "i32", mutable: true }, 1_000);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), {
      wardian: { fuel, exhausted: () => 1 },
    });
    expect((exports["get"] as () => number)()).toBe(9);
    expect((exports["c"] as WebAssembly.Global).value).toBe(3n);
    expect(fuel.value).toBeLessThan(1_000);
  });

  test("import fuel and depth, so that modules share both", async () => {
    const shared = {
      fuelImport: { module: "wardian", name: "fuel" },
      stackImport: { module: "wardian", name: "stack" },
    };
    const wat = `(module (global $own (mut i32) (i32.const 5))
      (func $down (export "down") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (i32.add (global.get $own) (call $down (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0)))))`;
    const metered = meter(await assemble(wat), { ...shared, stackLimit: 10_000 });
    expect(verifyMetering(metered.bytes, metered)).toMatchObject({ ok: true });
    const fuel = new WebAssembly.Global({ value: "i32", mutable: true }, 1_000_000);
    const stack = new WebAssembly.Global({ value: "i32", mutable: true }, 10_000);
    const instance = (): ((depth: number) => number) =>
      new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), {
        wardian: { fuel, stack, exhausted: () => 1 },
      }).exports["down"] as (depth: number) => number;
    const [one, other] = [instance(), instance()];
    expect([one(20), other(20), stack.value]).toEqual([100, 100, 10_000]);
    const { value: left } = fuel;
    expect(left).toBeLessThan(1_000_000);
    other(20);
    expect(fuel.value).toBe(left - (1_000_000 - left) / 2);
    // What one has taken, the other lacks.
    stack.value = 500;
    expect(() => other(20)).toThrow(/unreachable/i);
    expect(stack.value).toBeLessThan(0);
    expect(() => meter(metered.bytes, { stackImport: shared.stackImport, stackLimit: 10_000 })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  test("limit the depth of calls, tell it by the sign of the global, and restore the level behind exceptions", async () => {
    const wat = `(module (tag $t) (func $down (export "down") (param i32) (result i32) (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (if (global.get $throws) (then (throw $t))) (i32.const 0))))
      (global $throws (mut i32) (i32.const 0))
      (func (export "catching") (param i32) (result i32) (local i32) (global.set $throws (i32.const 1))
        (loop try (drop (call $down (i32.const 20))) catch_all end (local.set 1 (i32.add (local.get 1) (i32.const 1)))
          (br_if 0 (i32.lt_u (local.get 1) (local.get 0)))) (global.set $throws (i32.const 0)) (local.get 1)))`;
    const guest = runMetered(await assemble(wat), { stackLimit: 10_000 });
    expect(verifyMetering(guest.metered.bytes, guest.metered)).toMatchObject({ ok: true });
    const stack = guest.exports[guest.metered.stackExport ?? ""] as WebAssembly.Global<"i32">;
    expect([guest.call("down", 50), stack.value]).toEqual([50, 10_000]);
    expect([guest.call("catching", 500), stack.value]).toEqual([500, 10_000]);
    expect(guest.call("down", 5_000)).toMatch(/unreachable/i);
    expect(stack.value).toBeLessThan(0);
  });

  test.each([
    ["locals", "(local i64 i64 i64 i64 i64 i64 i64 i64)", "", 64],
    ["operands", "", "(i32.load (i32.const 0)) (i32.load (i32.const 0))", 8],
    ["vectors", "(local v128 v128)", "", 32],
  ])("limit the depth by the size of frames: %s", async (_what, locals, operands, bytes) => {
    const deepest = async (own: string, pushed: string): Promise<number> => {
      const drops = "(drop) ".repeat(pushed.split("load").length - 1);
      const wat = `(module (memory 1) (global $n (export "n") (mut i32) (i32.const 0))
        (func $f (export "f") ${own} (global.set $n (i32.add (global.get $n) (i32.const 1))) ${pushed} (call $f) ${drops}))`;
      const guest = runMetered(await assemble(wat), { stackLimit: 100_000 });
      guest.call("f");
      return (guest.exports["n"] as WebAssembly.Global<"i32">).value;
    };
    const [plain, larger] = [await deepest("", ""), await deepest(locals, operands)];
    // Two operands more are no more than what the addition has.
    const more = bytes - (operands === "" ? 0 : 8);
    expect(Math.abs(100_000 / larger - 100_000 / plain - more)).toBeLessThan(1);
  });

  test("limit the depth through functions that don't count their own", async () => {
    const big = "(local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)";
    const wat = `(module (global $n (export "n") (mut i32) (i32.const 0))
      (func $head (export "f") (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $a))
      (func $a ${big} (call $b)) (func $b ${big} (call $c)) (func $c ${big} (call $d)) (func $d ${big} (call $head)))`;
    const guest = runMetered(await assemble(wat), { stackLimit: 100_000 });
    expect(guest.call("f")).toMatch(/unreachable/i);
    // A round is four frames of 64 + 16 · 8 bytes and one of 64 + 8.
    const rounds = (guest.exports["n"] as WebAssembly.Global<"i32">).value;
    expect(rounds).toBeGreaterThan(100_000 / (4 * 192 + 72 + 256));
    expect(rounds).toBeLessThan(100_000 / (4 * 192 + 64));
  });

  test.each([
    { memoryMaxBytes: -1 },
    { tableMaxElements: 0.5 },
    { stackLimit: 0 },
    { stackLimit: 2 ** 31 },
    { mode: "exact", stackLimit: 5 },
    { mode: "fast" as "exact" },
    { addExports: [{ kind: "global", index: 99 }] },
    { addExports: [{ kind: "global", index: 0, name: "c" }] },
  ] as const)("are refused if absurd: %j", async (options) => {
    const bytes = await assemble(stateful);
    expect(() => meter(bytes, options)).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });
});

describe("the result", () => {
  test("is the same for the same input", async () => {
    const bytes = await assemble(PROGRAMS["indirect calls"] ?? "");
    expect(meter(bytes).bytes).toEqual(meter(bytes.slice()).bytes);
  });

  test("keeps names with their functions though the first one moves", async () => {
    const bytes = await assemble(
      `(module (import "e" "i" (func $imported)) (func $alpha (unreachable)) (func $beta (call $alpha)) (func (export "f") (call $beta)))`,
    );
    const guest = runMetered(bytes, { imports: { e: { i: () => undefined } } });
    let stack = "";
    try {
      (guest.exports["f"] as () => void)();
    } catch (error) {
      stack = String((error as Error).stack);
    }
    expect(stack.match(/\b(alpha|beta)\b/g)).toEqual(["alpha", "beta"]);
  });

  test("does large copies in pieces, and traps on bad bounds without an effect", async () => {
    const guest = runMetered(
      await assemble(`(module (memory (export "m") 64) (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
        (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))))`),
      { fuel: 100_000_000 },
    );
    const bytes = new Uint8Array((guest.exports["m"] as WebAssembly.Memory).buffer);
    expect(guest.call("fill", 1, 64 * 65_536)).toMatch(/bounds/);
    expect(guest.call("fill", 1, -1)).toMatch(/bounds/);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    const before = guest.used();
    guest.call("fill", 3, 3 * 2 ** 20);
    expect(guest.used() - before).toBeGreaterThanOrEqual(3 * 2 ** 20);
    for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31) >>> 3;
    const expected = bytes.slice();
    for (const [to, from] of [
      [5, 700_001],
      [700_001, 5],
      [0, 1],
      [1, 0],
    ] as const) {
      expected.copyWithin(to, from, from + 3_000_000);
      guest.call("copy", to, from, 3_000_000);
      expect(Buffer.compare(bytes, expected)).toBe(0);
    }
  });
});
