import { describe, expect, test } from "vitest";
import { createFuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import { meter } from "../../../src/engine/index.ts";
import type { MeterOptions } from "../../../src/engine/index.ts";
import { WardianError } from "../../../src/errors.ts";
import { verifyMetering } from "../../../src/engine/verify/verify-metering.ts";
import { bytesOf, leb, runGuest, runTwoGuests } from "./wasm-guest.ts";

const MODES = ["exact", "optimized"] as const;
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

function refusal(bytes: Uint8Array, options?: MeterOptions): string {
  try {
    meter(bytes, options);
    return "accepted";
  } catch (error) {
    return error instanceof WardianError ? error.code : `unexpected: ${String(error)}`;
  }
}

/** One exported function `f` of type () -> () with these locals and this code. */
function oneFunction(code: readonly number[], locals: readonly number[] = [0]): Uint8Array<ArrayBuffer> {
  const body = [...locals, ...code, 0x0b];
  const size = body.length;
  return Uint8Array.from([
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
    5,
    3,
    1,
    0,
    1,
    7,
    5,
    1,
    1,
    0x66,
    0,
    0,
    10,
    size + 2,
    1,
    size,
    ...body,
  ]);
}

describe("code that reaches for what the meter injects", () => {
  const loop = (...inner: number[]): number[] => [0x03, 0x40, ...inner, 0x0c, 0, 0x0b];
  const cases: [string, number[]][] = [
    ["its fuel global", loop(0x41, 0xff, 0xff, 0x03, 0x24, 0)],
    ["its fuel global's value", [0x23, 0, 0x1a]],
  ];
  for (let index = 0; index < 6; index++) {
    cases.push([`local ${String(index)} by local.set`, loop(0x41, 0x80, 0x80, 0x40, 0x21, index)]);
    cases.push([`local ${String(index)} by local.tee`, loop(0x41, 0x80, 0x80, 0x40, 0x22, index, 0x1a)]);
    cases.push([`local ${String(index)} by local.get`, loop(0x20, index, 0x1a)]);
    if (index > 0) {
      cases.push([`function ${String(index)}`, loop(0x10, index)]);
      cases.push([`function ${String(index)} with an argument`, loop(0x41, 0x80, 0x80, 0x40, 0x10, index)]);
      cases.push([`a reference to function ${String(index)}`, [0xd2, index, 0x1a]]);
      cases.push([`block type ${String(index)}`, [0x02, index, 0x0b]]);
    }
  }
  test.each(cases)("is refused, or as invalid as before: %s", (_, code) => {
    const bytes = oneFunction(code);
    expect(WebAssembly.validate(bytes)).toBe(false);
    for (const mode of MODES) {
      let valid = false;
      try {
        valid = WebAssembly.validate(meter(bytes, { mode }).bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid-module" });
      }
      expect(valid).toBe(false);
    }
  });

  test("is refused where a module imports the injected names (H06)", async () => {
    expect(refusal(await bytesOf(`(module (import "wardian" "exhausted" (func (result i32))))`))).toBe(
      "unsealed-module",
    );
    expect(refusal(await bytesOf(`(module (import "wardian" "tick" (func)))`))).toBe("unsealed-module");
  });

  test("can't take the fuel export's name away (H07)", async () => {
    const bytes = await bytesOf(
      `(module (global (export "wardian.fuel") (mut i32) (i32.const 1000000)) (func (export "f") (loop (global.set 0 (i32.const 1000000)) (br 0))))`,
    );
    expect(meter(bytes).fuelExport).not.toBe("wardian.fuel");
    expect(runGuest(bytes).completion).toMatchObject({ kind: "stopped", reason: { kind: "fuel" } });
  });

  test("finds no injected function in a table (H24)", async () => {
    const bytes = await bytesOf(
      `(module (import "host" "h" (func)) (table (export "t") 1 funcref) (elem (i32.const 0) 0) (func (export "f") (call_indirect (i32.const 0))))`,
    );
    let calls = 0;
    const { completion, problems } = runGuest(bytes, { imports: () => ({ host: { h: () => calls++ } }) });
    expect({ completion, problems, calls }).toStrictEqual({
      completion: { kind: "returned", value: undefined },
      problems: [],
      calls: 1,
    });
  });
});

describe("sizes", () => {
  test("a minimum above the cap is refused before anything is allocated (H09)", async () => {
    expect(refusal(await bytesOf("(module (memory 65536))"), { memoryMaxBytes: 2 ** 26 })).toBe("module-too-large");
    expect(refusal(await bytesOf("(module (table 2000000 funcref))"))).toBe("module-too-large");
  });

  test("a fill of 4 GiB out of bounds is a trap, one in bounds is stopped on its way (H11)", async () => {
    const fill = (bytes: string): string =>
      `(module (memory 4096) (func (export "f") (memory.fill (i32.const 0) (i32.const 0) (i32.const ${bytes}))))`;
    expect(runGuest(await bytesOf(fill("0xfffeffff"))).completion).toMatchObject({
      kind: "stopped",
      reason: { kind: "trap" },
    });
    const run = runGuest(await bytesOf(fill("0x10000000")), { fuel: 1_000_000 });
    expect(run.completion).toMatchObject({ kind: "stopped", reason: { kind: "fuel" } });
    expect(run.used).toBeLessThan(1_300_000);
  });

  test("fifty thousand locals and recursion end in a stack stop (H16)", async () => {
    const locals = "i64 ".repeat(40_000);
    const run = runGuest(await bytesOf(`(module (func $f (export "f") (local ${locals}) (call $f)))`), { fuel: 1e9 });
    expect(run.completion).toMatchObject({ kind: "stopped", reason: { kind: "stack" } });
  });

  test("deep nesting, wide tables and huge bodies are refused or done in bounded time (H17)", () => {
    const nested = oneLong([
      ...new Array<number>(2_000_000).fill(0).map((_, index) => (index % 2 === 0 ? 0x02 : 0x40)),
      ...new Array<number>(1_000_000).fill(0x0b),
    ]);
    expect(refusal(nested)).toBe("module-too-large");
    const wide = oneLong([0x41, 0, 0x0e, ...leb(1_000_000), ...new Array<number>(1_000_001).fill(0)]);
    expect(refusal(wide)).toBe("module-too-large");
    const long = oneLong(
      new Array<number>(3_000_000)
        .fill(0)
        .flatMap(() => [0x41, 0x00, 0x1a])
        .slice(0, 7_500_000),
    );
    const start = process.cpuUsage().user;
    const metered = meter(long);
    expect(verifyMetering(metered.bytes, metered)).toMatchObject({ ok: true });
    expect((process.cpuUsage().user - start) / 1e6).toBeLessThan(20);
  });
});

describe("malformed bytes (H19)", () => {
  const cases: Record<string, number[]> = {
    nothing: [],
    "no version": [0, 0x61, 0x73, 0x6d],
    "a component": [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0],
    "a section that is longer than the module": [...HEADER, 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
    "an overlong integer": [...HEADER, 1, 0x84, 0x80, 0x80, 0x80, 0x80, 0x00, 1, 0x60, 0, 0],
    "an integer without end": [...HEADER, 1, 0x80],
    "a repeated section": [...HEADER, 1, 1, 0, 1, 1, 0],
    "sections out of order": [...HEADER, 3, 1, 0, 1, 1, 0],
    "an unknown section": [...HEADER, 14, 1, 0],
    "a count that lies": [...HEADER, 1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
    "functions without bodies": [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    "a body beyond its section": [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 9, 0, 0x0b],
    "a body without end": [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x02, 0x40],
    "an unknown instruction": [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0xff, 0x0b],
    "an unknown prefixed instruction": [
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
      7,
      1,
      5,
      0,
      0xfc,
      0xff,
      0x7f,
      0x0b,
    ],
    "four billion locals": [
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
      10,
      1,
      8,
      1,
      0xff,
      0xff,
      0xff,
      0xff,
      0x0f,
      0x7f,
      0x0b,
    ],
    "code behind a function's end": [...HEADER, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x0b, 0x0b],
  };
  test.each(Object.entries(cases))("are refused with a typed error: %s", (_, bytes) => {
    for (const mode of MODES)
      expect(refusal(Uint8Array.from(bytes), { mode })).toMatch(/^(invalid-module|module-too-large)$/u);
    expect(
      verifyMetering(Uint8Array.from(bytes), {
        import: { module: "wardian", name: "exhausted" },
        fuelExport: "wardian.fuel",
      }),
    ).toMatchObject({ ok: false });
  });
});

describe("one budget", () => {
  test("holds across entries host, guest, host, guest (H26)", async () => {
    const bytes = await bytesOf(
      `(module (import "host" "again" (func $again)) (func (export "f") (local i32) (loop (call $again) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 3))))))`,
    );
    let deepest = 0;
    let depth = 0;
    const run = runGuest(bytes, {
      fuel: 1e9,
      imports: (gauge, exports) => ({
        host: {
          again: () => {
            depth++;
            deepest = Math.max(deepest, depth);
            gauge.enter(exports()["f"] as () => void);
            depth--;
          },
        },
      }),
    });
    expect(run.completion).toStrictEqual({ kind: "stopped", reason: { kind: "stack" } });
    expect(deepest).toBe(16);
  });

  test("is shared by two modules that call each other (H27)", async () => {
    const { completion, used } = await runTwoGuests();
    expect(completion).toMatchObject({ kind: "stopped", reason: { kind: "fuel" } });
    // Each of both may owe a slack that the other's check doesn't see.
    expect(used).toBeLessThan(7_000);
  });
});

describe("the depth of calls", () => {
  test("is limited at the same depth every time (H29)", async () => {
    const bytes = await bytesOf(
      `(module (global $n (export "n") (mut i32) (i32.const 0)) (func $f (export "f") (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $f)))`,
    );
    const depths = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const metered = meter(bytes, { stackLimit: 20_000 });
      const gauge = createFuelGauge({ now: () => 0 });
      const cell = gauge.cell();
      gauge.arm({ fuel: 1e9 });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), {
        wardian: { exhausted: cell.exhausted },
      });
      cell.attach(exports[metered.fuelExport] as WebAssembly.Global<"i32">, {
        global: exports[metered.stackExport ?? ""] as WebAssembly.Global<"i32">,
        limit: 20_000,
      });
      expect(gauge.enter(exports["f"] as () => void)).toStrictEqual({
        kind: "stopped",
        reason: { kind: "stack", allowed: 20_000 },
      });
      depths.add((exports["n"] as WebAssembly.Global<"i32">).value);
    }
    expect(depths.size).toBe(1);
    expect([...depths][0]).toBeGreaterThan(100);
  });
});

describe("names (H31, H32)", () => {
  test("of exports and imports that objects inherit are only names", async () => {
    const bytes = await bytesOf(
      `(module (import "__proto__" "constructor" (func)) (func (export "then")) (func (export "__proto__")) (func (export "constructor")) (func (export "toString")))`,
    );
    const metered = meter(bytes);
    expect(metered.description.exports.map(({ name }) => name)).toStrictEqual([
      "then",
      "__proto__",
      "constructor",
      "toString",
    ]);
    // With a plain object, `__proto__.constructor` would be the host's own `Object`: imports belong in null-prototype objects.
    const imports = Object.assign(Object.create(null) as WebAssembly.Imports, { wardian: { exhausted: () => 0 } });
    expect(() => new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), imports)).toThrow(TypeError);
  });
});

describe("dead code (H22)", () => {
  test("with a polymorphic stack stays valid and is not charged", async () => {
    const bytes = await bytesOf(
      `(module (func (export "f") (result i32) (return (i32.const 7)) (i32.add) (drop) (loop (result i32) (br 0)) (select) (if (then (unreachable))) (br_table 0 0) (i32.const 1)))`,
    );
    for (const mode of MODES) {
      const run = runGuest(bytes, { mode });
      expect({ completion: run.completion, problems: run.problems }).toStrictEqual({
        completion: { kind: "returned", value: 7 },
        problems: [],
      });
    }
  });
});

function oneLong(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const size = code.length + 2;
  const head = [
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
    ...leb(size + leb(size).length + 1),
    1,
    ...leb(size),
    0,
  ];
  const bytes = new Uint8Array(head.length + code.length + 1);
  bytes.set(head);
  bytes.set(code, head.length);
  bytes[bytes.length - 1] = 0x0b;
  return bytes;
}
