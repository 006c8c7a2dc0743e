import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { WardianError } from "../../../../src/errors.ts";
import { inspect, meter } from "../../../../src/engine/index.ts";
import { assemble } from "./metered-guest.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const REFUSED: Readonly<
  Record<string, { readonly bytes: readonly number[]; readonly message: RegExp; readonly code: string }>
> = {
  "no bytes": { bytes: [], message: /magic/, code: "invalid-module" },
  "a component": { bytes: [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], message: /component/, code: "invalid-module" },
  "a section beyond the end": {
    bytes: [...HEADER, 1, 9, 0],
    message: /longer than the module at byte 8/,
    code: "invalid-module",
  },
  "an overlong integer": {
    bytes: [...HEADER, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
    message: /more than 32 bits/,
    code: "invalid-module",
  },
  "a repeated section": {
    bytes: [...HEADER, 1, 1, 0, 1, 1, 0],
    message: /repeated or out of order/,
    code: "invalid-module",
  },
  "sections out of order": {
    bytes: [...HEADER, 3, 1, 0, 1, 1, 0],
    message: /repeated or out of order/,
    code: "invalid-module",
  },
  "an unknown section": { bytes: [...HEADER, 77, 1, 0], message: /unknown section 77/, code: "invalid-module" },
  "a count beyond the section": {
    bytes: [...HEADER, 1, 3, 0xff, 0xff, 3],
    message: /too short for its count/,
    code: "invalid-module",
  },
  "too many entries": {
    bytes: [...HEADER, 1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
    message: /at most 1000000/,
    code: "module-too-large",
  },
  "a function without a body": {
    bytes: [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    message: /1 functions are declared but 0/,
    code: "invalid-module",
  },
  "an instruction that is not known": {
    bytes: [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0xff, 0x0b],
    message: /unknown instruction at byte 23/,
    code: "invalid-module",
  },
  "a function without an end": {
    bytes: [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 1, 1],
    message: /no end/,
    code: "invalid-module",
  },
  "code behind the end": {
    bytes: [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x0b, 1, 0x0b],
    message: /behind the end/,
    code: "invalid-module",
  },
  "a label that does not exist": {
    bytes: [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x0c, 9, 0x0b],
    message: /label does not exist/,
    code: "invalid-module",
  },
};

describe("hostile bytes", () => {
  test.each(Object.entries(REFUSED))("are refused: %s", (_, { bytes, message, code }) => {
    const attempt = (): unknown => meter(Uint8Array.from(bytes));
    expect(attempt).toThrow(WardianError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  test("are refused when cut off anywhere, and never with another error", () => {
    const path = createRequire(import.meta.url)
      .resolve("fast-check")
      .replace(/fast-check.*$/, "@bytecodealliance/jco/lib/wasi_snapshot_preview1.command.wasm");
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length += 97) {
      for (const attempt of [meter, inspect]) {
        try {
          attempt(bytes.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(WardianError);
        }
      }
    }
  });

  test("cannot name what the rewriter adds: functions, globals, locals, types", async () => {
    // The last index of each space plus one is the first that the rewriter takes.
    const codes: Readonly<Record<string, readonly number[]>> = {
      "function index": [0x10, 1],
      "second function index": [0x10, 2],
      "global index": [0x41, 0, 0x24, 0],
      "local index": [0x41, 0, 0x21, 0],
      "second local index": [0x41, 0, 0x21, 1],
      "block type index": [0x02, 1, 0x0b],
      "second block type index": [0x02, 2, 0x0b],
    };
    for (const code of Object.values(codes)) {
      const loop = [0x03, 0x40, 0x0c, 0, 0x0b];
      const body = [0, ...code, ...loop, 0x0b];
      const bytes = Uint8Array.from([
        ...HEADER,
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
        body.length + 2,
        1,
        body.length,
        ...body,
      ]);
      expect(WebAssembly.validate(bytes)).toBe(false);
      for (const mode of ["exact", "optimized"] as const) {
        let accepted = false;
        try {
          accepted = WebAssembly.validate(meter(bytes, { mode }).bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WardianError);
        }
        expect(accepted).toBe(false);
      }
    }
  });

  test("may not import from the meter's own module", async () => {
    const bytes = await assemble(`(module (import "wardian" "exhausted" (func (result i32))))`);
    expect(() => meter(bytes)).toThrow(expect.objectContaining({ code: "unsealed-module" }));
  });

  test.each([
    ["bytes", 20],
    ["functions", 1],
    ["bodyBytes", 5],
    ["locals", 1],
    ["nesting", 2],
    ["branchTargets", 1],
    ["outputBytes", 50],
  ] as const)("are bounded in %s", async (limit, value) => {
    const bytes = await assemble(
      `(module (func) (func (export "f") (param i32 i32) (local i32) (block (block (block (br_table 0 1 2 (local.get 0)))))))`,
    );
    expect(() => meter(bytes, { limits: { [limit]: value } })).toThrow(
      expect.objectContaining({ code: "module-too-large" }),
    );
  });
});
