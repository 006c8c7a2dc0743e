// Where the engine's stack ends, a host's function throws before its first statement. A guest that caught that in a loop
// would never be asked again whether it may go on.
import { describe, expect, test } from "vitest";
import { meter } from "../../../src/engine/index.ts";
import { verifyMetering } from "../../../src/engine/verify/verify-metering.ts";
import { bytesOf } from "./wasm-guest.ts";

const LEGACY = (inside: string): string => `(module (func (export "f") (param i32)
  loop $again
    try ${inside} catch_all br $again end
    local.get 0 br_if $again
  end))`;

const TABLE = (inside: string): string => `(module (func (export "f") (param i32)
  (loop $again (try_table (catch_all $again) ${inside}) (br_if $again (local.get 0)))))`;

const INSIDE = {
  "a return": "local.get 0 if return end",
  "a loop": "loop local.get 0 br_if 0 end",
  "a call": "call 0",
  nothing: "nop",
};

describe.each([
  ["try", LEGACY],
  ["try_table", TABLE],
] as const)("a guest with %s in a loop", (_name, write) => {
  describe.each(["exact", "optimized"] as const)("metered in %s mode", (mode) => {
    test.each(Object.entries(INSIDE))("around %s cannot catch that the host failed", async (_inside, code) => {
      // Function 0 is the guest's own: what it calls asks, too.
      const original = await bytesOf(write(code === "call 0" ? "local.get 0 call 0" : code));
      const metered = meter(original, { mode });
      const verdict = verifyMetering(metered.bytes, metered);
      expect(verdict.ok ? [] : verdict.problems).toEqual([]);
      // try_table is newer than the oldest Node.
      if (!WebAssembly.validate(original)) return;
      let asked = 0;
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), {
        wardian: {
          exhausted: () => {
            asked++;
            // Lest the test itself never ends.
            if (asked > 100) return 1;
            throw new RangeError("Maximum call stack size exceeded");
          },
        },
      });
      expect(() => (exports["f"] as (again: number) => void)(1)).toThrow(WebAssembly.RuntimeError);
      expect(asked).toBe(1);
    });
  });
});
