import assert from "node:assert/strict";
import { createFuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import { meter } from "../../../src/engine/index.ts";
import type { Attack, AttackClass, CorpusEntry } from "../harness/attack.ts";
import { commandAttempt, holds, moduleAttempt, refuses, stops } from "./module-attempt.ts";
import type { ModuleOutcome } from "./module-attempt.ts";
import { bytesOf, leb, runGuest, runTwoGuests } from "./wasm-guest.ts";
import type { GuestOptions } from "./wasm-guest.ts";

/** The entry's own module. */
const module =
  (check: ModuleOutcome, options?: GuestOptions) =>
  ({ code }: CorpusEntry): Attack["attempt"] =>
    moduleAttempt(code, check, options);

const each =
  (...attempts: readonly Attack["attempt"][]): (() => Attack["attempt"]) =>
  () =>
  async (scene) => {
    for (const attempt of attempts) await attempt(scene);
  };

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const bytes = (...items: readonly (number | readonly number[])[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([...HEADER, ...items.flat()]);

const ATTEMPTS: Readonly<Record<string, (entry: CorpusEntry) => Attack["attempt"]>> = {
  H01: module(
    (outcome, used) => {
      assert.equal(outcome, "stopped fuel");
      assert.ok(used < 21_000_000, `used ${used}`);
    },
    { fuel: 20_000_000 },
  ),
  H02: module(stops),
  H04: module(stops),
  H06: each(
    moduleAttempt(`(module (import "fuel" "tick" (func)) (export "tick" (func 0)))`, refuses),
    moduleAttempt(`(module (import "wardian" "exhausted" (func (result i32))))`, refuses),
    commandAttempt(
      `(module (import "fuel" "tick" (func)) (memory (export "memory") 1) (func (export "_start")))`,
      /^refused unsealed-module/u,
    ),
  ),
  H07: () => async () => {
    for (const name of ["fuel", "wardian.fuel", "exhausted"]) {
      const module = await bytesOf(
        `(module (global (export "${name}") (mut i64) (i64.const 0)) (func (export "f") (loop (br 0))))`,
      );
      const metered = meter(module);
      assert.notEqual(metered.fuelExport, name);
      const names = metered.description.exports.map((entry) => entry.name);
      assert.ok(names.includes(name));
      const run = runGuest(module, { fuel: 1_000_000 });
      assert.deepEqual([run.completion.kind, run.problems], ["stopped", []]);
    }
  },
  H09: each(
    moduleAttempt("(module (memory 65536))", refuses, { memoryMaxBytes: 2 ** 26 }),
    commandAttempt(`(module (memory (export "memory") 65536) (func (export "_start")))`, /^refused /u),
  ),
  H11: each(
    moduleAttempt(
      `(module (memory 1024) (func (export "f") (memory.fill (i32.const 0) (i32.const 0) (i32.const 0xfffeffff))))`,
      stops,
    ),
    moduleAttempt(
      `(module (memory 1024) (func (export "f") (memory.fill (i32.const 0) (i32.const 0) (i32.const 0x4000000))))`,
      (outcome, used) => {
        assert.equal(outcome, "stopped fuel");
        assert.ok(used < 1_400_000, `used ${used}`);
      },
      { fuel: 1_000_000 },
    ),
  ),
  H12: module(stops),
  H14: module(holds),
  H16: () =>
    moduleAttempt(`(module (func $f (export "f") (local ${"i64 ".repeat(40_000)}) (call $f)))`, stops, { fuel: 1e9 }),
  H17: each(
    moduleAttempt(
      bytes(
        1,
        4,
        1,
        0x60,
        0,
        0,
        3,
        2,
        1,
        0,
        10,
        section(oneBody([...pairs(100_000, 0x02, 0x40), ...Array<number>(100_000).fill(0x0b)])),
      ),
      refuses,
    ),
    moduleAttempt(
      bytes(
        1,
        4,
        1,
        0x60,
        0,
        0,
        3,
        2,
        1,
        0,
        10,
        section(oneBody([0x41, 0, 0x0e, ...leb(100_000), ...Array<number>(100_001).fill(0)])),
      ),
      refuses,
    ),
  ),
  H19: each(
    ...[
      [1, 0x84, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 1, 0x60, 0, 0],
      [1, 0x84, 0x80, 0x80, 0x80, 0x80, 0x00, 1, 0x60, 0, 0],
      [1, 0x80],
      [1, 0xff, 0xff, 0xff, 0xff, 0x0f],
      [1, 1, 0, 1, 1, 0],
      [3, 1, 0, 1, 1, 0],
    ].map((items) => moduleAttempt(bytes(items), refuses)),
  ),
  // Custom sections that speak of byte offsets do not survive a rewrite that moves them.
  H21: () => async () => {
    const custom = (name: string, ...content: readonly number[]): number[] => {
      const text = [...new TextEncoder().encode(name)];
      return [
        0,
        ...leb(text.length + content.length + leb(text.length).length),
        ...leb(text.length),
        ...text,
        ...content,
      ];
    };
    const module = bytes(
      ...custom("metadata.code.branch_hint", 1, 0, 1, 1, 1, 0),
      [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b],
      ...custom(".debug_line", 1, 2, 3),
      ...custom("sourceMappingURL", 1, 0x78),
    );
    assert.ok(WebAssembly.validate(module));
    const compiled = new WebAssembly.Module(Uint8Array.from(meter(module, { branchHints: false }).bytes));
    for (const name of ["metadata.code.branch_hint", ".debug_line", "sourceMappingURL"])
      assert.equal(WebAssembly.Module.customSections(compiled, name).length, 0, name);
  },
  H22: () =>
    moduleAttempt(
      `(module (func (export "f") (result i32) (return (i32.const 7)) (i32.add) (drop) (loop (result i32) (br 0)) (select) (if (then (unreachable))) (br_table 0 0) (i32.const 1)))`,
      (outcome) => assert.equal(outcome, "returned"),
    ),
  H24: () => async () => {
    const module = await bytesOf(
      `(module (import "host" "h" (func)) (table (export "t") 1 funcref) (elem (i32.const 0) 0) (func (export "f") (call_indirect (i32.const 0))))`,
    );
    let calls = 0;
    const run = runGuest(module, { imports: () => ({ host: { h: () => calls++ } }) });
    assert.deepEqual([run.completion.kind, run.problems, calls], ["returned", [], 1]);
  },
  H26: () =>
    moduleAttempt(
      `(module (import "host" "again" (func $again)) (func (export "f") (loop (call $again) (br 0))))`,
      stops,
      {
        imports: (gauge, exports) => ({
          host: { again: () => gauge.enter(exports()["f"] as () => void) },
        }),
      },
    ),
  H27: () => async () => {
    const { completion, used } = await runTwoGuests();
    assert.equal(completion.kind, "stopped");
    assert.ok(used < 7_000);
  },
  H29: () => async () => {
    const module = await bytesOf(
      `(module (global $n (export "n") (mut i32) (i32.const 0)) (func $f (export "f") (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $f)))`,
    );
    const depths = new Set<number>();
    for (let round = 0; round < 3; round++) {
      let found: WebAssembly.Exports = {};
      const metered = meter(module, { stackLimit: 20_000 });
      const gauge = createFuelGauge({ now: () => 0 });
      const cell = gauge.cell();
      gauge.arm({ fuel: 1e9 });
      found = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), {
        wardian: { exhausted: cell.exhausted },
      }).exports;
      cell.attach(found[metered.fuelExport] as WebAssembly.Global<"i32">, {
        global: found[metered.stackExport ?? ""] as WebAssembly.Global<"i32">,
        limit: 20_000,
      });
      assert.equal(gauge.enter(found["f"] as () => void).kind, "stopped");
      depths.add((found["n"] as WebAssembly.Global<"i32">).value);
    }
    assert.equal(depths.size, 1);
  },
  H31: each(
    moduleAttempt(
      `(module (func (export "then")) (func (export "__proto__")) (func (export "constructor")) (func (export "f")))`,
      (outcome) => assert.equal(outcome, "returned"),
    ),
    commandAttempt(
      `(module (memory (export "memory") 1) (func (export "then") (unreachable)) (func (export "__proto__")) (func (export "constructor")) (func (export "_start")))`,
      /^ok/u,
    ),
  ),
  H32: each(
    ...["__proto__", "constructor", "toString"].flatMap((name) => [
      moduleAttempt(`(module (import "${name}" "constructor" (func)) (func (export "f") (call 0)))`, refuses),
      commandAttempt(
        `(module (import "${name}" "${name}" (func)) (memory (export "memory") 1) (func (export "_start") (call 0)))`,
        /^refused unsealed-module/u,
      ),
      commandAttempt(
        `(module (import "wasi_snapshot_preview1" "${name}" (func)) (memory (export "memory") 1) (func (export "_start") (call 0)))`,
        /^refused unsealed-module/u,
      ),
    ]),
  ),
};

export const wasmCorpus: AttackClass["corpus"] = new Map(Object.entries(ATTEMPTS));

function pairs(count: number, first: number, second: number): number[] {
  return Array.from({ length: count * 2 }, (_, index) => (index % 2 === 0 ? first : second));
}

/** The content of a code section with one body that has no locals. */
function oneBody(code: readonly number[]): number[] {
  return [1, ...leb(code.length + 2), 0, ...code, 0x0b];
}

function section(content: readonly number[]): number[] {
  return [...leb(content.length), ...content];
}
