import { describe, expect, test } from "vitest";
import { bytesOf, runGuest } from "./wasm-guest.ts";

/** Programs that never end by themselves, or not in this universe's time. `f` is the entry. */
const ENDLESS: Readonly<Record<string, string>> = {
  "H01 the smallest loop": `(module (func (export "f") (loop (br 0))))`,
  "H02 a start function that never ends": `(module (func $s (loop (br 0))) (start $s))`,
  "H04 a tail call to itself through a table": `(module (type $t (func)) (table funcref (elem $f)) (func $f (type $t) (return_call_indirect (type $t) (i32.const 0))) (export "f" (func $f)))`,
  "a tail call to itself": `(module (func $f (export "f") (return_call $f)))`,
  "two tail calls in turn": `(module (func $f (export "f") (return_call $g)) (func $g (return_call $f)))`,
  "a loop with a parameter": `(module (func (export "f") (i32.const 1) (loop (param i32) (br 0 (i32.const 2))) unreachable))`,
  "a loop that br_if keeps": `(module (func (export "f") (loop (br_if 0 (i32.const 1)))))`,
  "a loop that br_table keeps": `(module (func (export "f") (loop (br_table 0 0 0 0 (i32.const 7)))))`,
  "a loop entered by the outer label": `(module (func (export "f") (loop $o (block (loop (br $o))))))`,
  "two loops that hand over to each other": `(module (func (export "f") (local i32) (loop $o (loop $i (local.set 0 (i32.eqz (local.get 0))) (br_if $o (local.get 0)) (br $i)))))`,
  "a loop with an empty call": `(module (func $e) (func (export "f") (loop (call $e) (br 0))))`,
  "a loop with an empty call by table": `(module (table funcref (elem $e)) (func $e) (func (export "f") (loop (call_indirect (i32.const 0)) (br 0))))`,
  "a loop in dead code behind a live one": `(module (func (export "f") (loop (br 0)) (unreachable) (loop (br 0))))`,
  "a loop behind a branch over dead code": `(module (func (export "f") (block (br 0) (loop (br 0))) (loop (br 0))))`,
  "a loop whose work stands in a callee": `(module (func $work (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 10))))) (func (export "f") (loop (call $work) (br 0))))`,
  "mutual recursion with tails": `(module (func $f (export "f") (param i32) (result i32) (if (result i32) (i32.gt_s (local.get 0) (i32.const 900)) (then (i32.const 0)) (else (drop (call $g (i32.add (local.get 0) (i32.const 1)))) (call $g (i32.add (local.get 0) (i32.const 1)))))) (func $g (param i32) (result i32) (i32.add (call $f (local.get 0)) (call $f (local.get 0)))))`,
  "exponential recursion": `(module (func $f (export "f") (param i32) (if (i32.lt_s (local.get 0) (i32.const 400)) (then (call $f (i32.add (local.get 0) (i32.const 1))) (call $f (i32.add (local.get 0) (i32.const 1)))))))`,
  "a chain of forty doubling calls": `(module ${Array.from({ length: 40 }, (_, i) => `(func $d${i} (call $d${i + 1}) (call $d${i + 1}))`).join("")} (func $d40 (nop)) (func (export "f") (call $d0)))`,
  "a chain of doubling calls by table": `(module (table 40 funcref) (elem (i32.const 0) ${Array.from({ length: 40 }, (_, i) => `$d${i}`).join(" ")}) ${Array.from({ length: 39 }, (_, i) => `(func $d${i} (call_indirect (i32.const ${i + 1})) (call_indirect (i32.const ${i + 1})))`).join("")} (func $d39 (nop)) (func (export "f") (call $d0)))`,
  "memory.grow in a loop": `(module (memory 0 65536) (func (export "f") (loop (drop (memory.grow (i32.const 0))) (br 0))))`,
  "fills of 64 MiB": `(module (memory 1024) (func (export "f") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000000)) (br 0))))`,
  "copies of 16 MiB": `(module (memory 512) (func (export "f") (loop (memory.copy (i32.const 0) (i32.const 0x1000000) (i32.const 0x1000000)) (br 0))))`,
  "fills of nothing": `(module (memory 1) (func (export "f") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0)) (br 0))))`,
  "table fills": `(module (table 100000 funcref) (func (export "f") (loop (table.fill (i32.const 0) (ref.null func) (i32.const 100000)) (br 0))))`,
  "table copies": `(module (table 100000 funcref) (func (export "f") (loop (table.copy (i32.const 0) (i32.const 1) (i32.const 99999)) (br 0))))`,
  "H12 table growth": `(module (table 1 funcref) (func (export "f") (loop (drop (table.grow (ref.null func) (i32.const 100000))) (br 0))))`,
  "an atomic loop": `(module (memory 1 1 shared) (func (export "f") (loop (br_if 0 (i32.eqz (i32.atomic.rmw.add (i32.const 0) (i32.const 0)))))))`,
  "atomic notify in a loop": `(module (memory 1 1 shared) (func (export "f") (loop (drop (memory.atomic.notify (i32.const 0) (i32.const 9))) (br 0))))`,
  "a throw that is caught, for ever": `(module (tag $t) (func (export "f") loop try throw $t catch $t end br 0 end))`,
  "catch_all around a loop": `(module (tag $t) (func (export "f") loop try loop br 0 end catch_all end br 0 end))`,
  "a callee that throws, caught for ever": `(module (tag $t) (func $g (throw $t)) (func (export "f") loop try call $g catch_all end br 0 end))`,
  "a callee that burns and throws": `(module (tag $t) (func $g (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 1000)))) (throw $t)) (func (export "f") loop try call $g catch_all end br 0 end))`,
  "burn, recurse, throw": `(module (tag $t) (func $g (param i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 1) (i32.const 1000)))) (if (local.get 0) (then (call $g (i32.sub (local.get 0) (i32.const 1)))) (else (throw $t)))) (func (export "f") loop try (call $g (i32.const 50)) catch_all end br 0 end))`,
  "a loop through delegate": `(module (tag $t) (func (export "f") loop try try throw $t delegate 0 catch_all end br 0 end))`,
  "rethrow in a loop": `(module (tag $t) (func (export "f") loop try try throw $t catch_all rethrow 0 end catch_all end br 0 end))`,
  "stack overflow that is caught, for ever": `(module (tag $t) (func $r (call $r)) (func (export "f") loop try call $r catch_all end br 0 end))`,
  "the hole: a debt that is flushed before a small callee": `(module (tag $t) (memory 1) (func $small (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func (export "f") (local i32) (loop (local.set 0 (call $small (local.get 0))) (br 0))))`,
  "an interpreter that goes nowhere": `(module (memory 1) (func (export "f") (local i32) (loop $next (block $b (block $a (br_table $a $b (i32.load8_u (local.get 0)))) (br $next)) (local.set 0 (i32.const 0)) (br $next))))`,
  "recursion through the host": `(module (import "host" "again" (func $again)) (func (export "f") (loop (call $again) (br 0))))`,
};

/** Not known to Node 20. */
const NEWER: Readonly<Record<string, string>> = {
  "H14 GC allocation": `(module (type $s (struct (field (mut (ref null $s))))) (func (export "f") (local $x (ref null $s)) (loop (local.set $x (struct.new $s (local.get $x))) (br 0))))`,
  "GC arrays": `(module (type $a (array (mut i8))) (func (export "f") (loop (drop (array.new $a (i32.const 1) (i32.const 1000000))) (br 0))))`,
  "GC array fills": `(module (type $a (array (mut i64))) (func (export "f") (local $x (ref $a)) (local.set $x (array.new_default $a (i32.const 1000000))) (loop (array.fill $a (local.get $x) (i32.const 0) (i64.const 1) (i32.const 1000000)) (br 0))))`,
  "GC array copies": `(module (type $a (array (mut i64))) (func (export "f") (local $x (ref $a)) (local.set $x (array.new_default $a (i32.const 1000000))) (loop (array.copy $a $a (local.get $x) (i32.const 0) (local.get $x) (i32.const 1) (i32.const 999999)) (br 0))))`,
  br_on_null: `(module (func (export "f") (loop (ref.null func) (br_on_null 0) (drop))))`,
  br_on_cast: `(module (func (export "f") (local $x anyref) (local.set $x (ref.i31 (i32.const 1))) (loop (result) (block (result anyref) (br_on_cast 0 anyref i31ref (local.get $x))) (drop) (br 0))))`,
  "a caught exception that goes back to the loop": `(module (tag $t) (func (export "f") (loop $l (try_table (catch_all $l) (throw $t)))))`,
  throw_ref: `(module (tag $t) (func (export "f") (loop $l (block $h (result exnref) (try_table (catch_all_ref $h) (throw $t)) (unreachable)) (drop) (br $l))))`,
  "a tail call by reference": `(module (type $t (func)) (elem declare func $f) (func $f (type $t) (return_call_ref $t (ref.func $f))) (export "f" (func $f)))`,
  call_ref: `(module (type $t (func)) (elem declare func $f) (func $f (type $t) (call_ref $t (ref.func $f)) (call_ref $t (ref.func $f))) (export "f" (func $f)))`,
  "64-bit memory": `(module (memory i64 1) (func (export "f") (loop (memory.fill (i64.const 0) (i32.const 0) (i64.const 65536)) (br 0))))`,
  "two memories": `(module (memory 16) (memory 16) (func (export "f") (loop (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0x100000)) (br 0))))`,
};

const FUEL = 20_000_000;

async function expectStopped(wat: string, mode: "exact" | "optimized"): Promise<void> {
  const bytes = await bytesOf(wat);
  const imports = (
    gauge: { enter: (call: () => unknown) => unknown },
    exports: () => WebAssembly.Exports,
  ): WebAssembly.Imports => ({
    host: {
      again: () => {
        const run = exports()["f"] as (() => void) | undefined;
        if (run !== undefined) gauge.enter(run);
      },
    },
  });
  const run = runGuest(bytes, { mode, fuel: FUEL, imports, args: [0], timeoutMs: 20_000, memoryMaxBytes: 2 ** 27 });
  expect(run.problems).toStrictEqual([]);
  expect(run.completion.kind).toBe("stopped");
  const reason = run.completion.kind === "stopped" ? run.completion.reason : undefined;
  // Recursion may reach the end of the engine's stack before that of the fuel, a start function that of its credit.
  expect(["fuel", "stack", "trap", "memory"]).toContain(reason?.kind);
  if (reason?.kind === "trap") expect(reason.message).toBe("start function runs too long");
  // Beyond the budget lies at most what the last operation was charged: 64 units for each of 100,000 table elements.
  expect(run.used).toBeLessThan(FUEL + 6_500_000);
}

describe.each(["exact", "optimized"] as const)("metered code (%s) that would never end", (mode) => {
  test.each(Object.entries(ENDLESS))("is stopped: %s", async (_, wat) => {
    await expectStopped(wat, mode);
  });

  test.each(Object.entries(NEWER))("is stopped: %s", async (_, wat) => {
    const bytes = await bytesOf(wat);
    if (!WebAssembly.validate(bytes)) {
      // The engine refuses the proposal: the meter and the verifier still have to agree.
      const { meter } = await import("../../../src/engine/index.ts");
      const { verifyMetering } = await import("../../../src/engine/verify/verify-metering.ts");
      const metered = meter(bytes, { mode });
      expect(verifyMetering(metered.bytes, metered)).toMatchObject({ ok: true });
      return;
    }
    await expectStopped(wat, mode);
  });
});

describe("an atomic wait", () => {
  test("doesn't hold the thread past the deadline", async () => {
    const bytes = await bytesOf(
      `(module (memory 1 1 shared) (func (export "f") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))) (drop (memory.atomic.wait64 (i32.const 8) (i64.const 0) (i64.const 0x7fffffffffffffff)))))`,
    );
    const { problems, completion } = runGuest(bytes, { fuel: 1e9 });
    expect(problems).toStrictEqual([]);
    expect(completion.kind).toBe("returned");
  });
});
