import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { WardianError } from "../../src/errors.ts";
import { meter } from "../../src/engine/index.ts";
import { verifyMetering } from "../../src/engine/verify/verify-metering.ts";
import { assemble } from "../unit/engine/meter/metered-guest.ts";

/** One module with a little of everything, to be damaged. */
const WAT = `(module (type $t (func (param i32) (result i32))) (import "e" "i" (func $i (param i32) (result i32)))
  (memory 1 4) (table 4 funcref) (elem (i32.const 0) $a $b $i) (data "abcdef") (global $g (mut i32) (i32.const 3)) (global $h (mut i64) (i64.const 4))
  (tag $x (param i32)) (export "a" (func $a)) (export "m" (memory 0))
  (func $a (param i32) (result i32) (local i32 i64) (loop $l (local.set 1 (i32.add (local.get 1) (global.get $g))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (call $b (local.get 1)))
  (func $b (param i32) (result i32) (local i32) (block $o (loop $l (if (i32.eqz (local.get 0)) (then (br $o)) (else (local.set 1 (call_indirect (type $t) (local.get 0) (i32.const 2))))) (local.set 0 (i32.shr_u (local.get 0) (i32.const 1))) (br $l))) (global.set $g (local.get 1)) (local.get 1))
  (func (export "c") (param i32) (result i32) (local i32) try (if (local.get 0) (then (throw $x (local.get 0)))) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)) catch $x (local.set 1) catch_all (memory.copy (i32.const 5) (i32.const 0) (i32.const 9)) end (br_table 0 0 (local.get 1) (local.get 0)))
  (func (export "d") (param i32) (result i32) (local i32) (block $a (block $b (block $c (br_table $a $b $c (local.get 0))) (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 3))) (drop (memory.grow (i32.const 1)))) (loop (result i32) (loop (br_if 1 (local.get 1)) (local.set 1 (i32.const 1))) (call $a (i32.const 3)))))`;

describe("a damaged module", () => {
  let whole: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    whole = await assemble(WAT);
    expect(WebAssembly.validate(whole)).toBe(true);
  });

  test.each(["exact", "optimized"] as const)(
    "is refused, or stays as valid as it was, and verified, in %s mode",
    (mode) => {
      fc.assert(
        fc.property(
          fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), {
            minLength: 1,
            maxLength: 3,
          }),
          (damages) => {
            const bytes = whole.slice();
            for (const { at, value } of damages) bytes[8 + (at % (bytes.length - 8))] = value;
            let metered;
            try {
              metered = meter(bytes, { mode });
            } catch (error) {
              expect(error).toBeInstanceOf(WardianError);
              // What the engine accepts may only be refused for a name that is reserved or for its size.
              if (WebAssembly.validate(bytes)) expect((error as WardianError).code).not.toBe("invalid-module");
              return;
            }
            const valid = WebAssembly.validate(bytes);
            expect(WebAssembly.validate(metered.bytes)).toBe(valid);
            if (valid) expect(verifyMetering(metered.bytes, metered)).toMatchObject({ ok: true });
          },
        ),
        { numRuns: 4_000, seed: 20_261 },
      );
    },
  );
});
