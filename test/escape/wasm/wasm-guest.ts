import { parse } from "@bytecodealliance/jco";
import { createFuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import type { Completion, FuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import { meter } from "../../../src/engine/index.ts";
import type { MeterOptions } from "../../../src/engine/index.ts";
import { verifyMetering } from "../../../src/engine/verify/verify-metering.ts";

export interface GuestRun {
  readonly completion: Completion<unknown>;
  readonly used: number;
  readonly ms: number;
  readonly problems: readonly string[];
}

export interface GuestOptions extends MeterOptions {
  readonly fuel?: number;
  readonly timeoutMs?: number;
  readonly sliceUnits?: number;
  readonly imports?: (gauge: FuelGauge, exports: () => WebAssembly.Exports) => WebAssembly.Imports;
  readonly args?: readonly unknown[];
}

export async function bytesOf(wat: string): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await parse(wat));
}

/** Meters, verifies and instantiates a module, and calls its export `f` (if it has one), all under one budget. */
export function runGuest(bytes: Uint8Array, options: GuestOptions = {}): GuestRun {
  const { fuel = 20_000_000, timeoutMs = 5_000, sliceUnits = 100_000, imports, args = [], ...meterOptions } = options;
  const metered = meter(bytes, meterOptions);
  const verdict = verifyMetering(metered.bytes, metered);
  const gauge = createFuelGauge({ now: () => performance.now(), sliceUnits });
  const cell = gauge.cell();
  const module = new WebAssembly.Module(metered.bytes);
  let exports: WebAssembly.Exports = {};
  gauge.arm({ fuel, timeoutMs });
  const start = performance.now();
  let completion: Completion<unknown> = gauge.enter(() => {
    const given = imports?.(gauge, () => exports) ?? {};
    // A plain object would have a module named "__proto__".
    const sealed = Object.assign(Object.create(null) as WebAssembly.Imports, given, {
      wardian: { exhausted: cell.exhausted },
    });
    exports = new WebAssembly.Instance(module, sealed).exports;
    const limit = options.stackLimit;
    const depth =
      metered.stackExport === undefined || limit === undefined
        ? undefined
        : { global: exports[metered.stackExport] as WebAssembly.Global<"i32">, limit };
    cell.attach(exports[metered.fuelExport] as WebAssembly.Global<"i32">, depth);
  });
  const run = exports["f"] as ((...args: readonly unknown[]) => unknown) | undefined;
  if (completion.kind === "returned" && run !== undefined) completion = gauge.enter(() => run(...args));
  return {
    completion,
    used: gauge.used,
    ms: performance.now() - start,
    problems: verdict.ok ? [] : verdict.problems.map(({ problem }) => problem),
  };
}

/** Two metered modules that call each other for ever (H27), under one budget of 5,000 units. */
export async function runTwoGuests(): Promise<{ readonly completion: Completion<unknown>; readonly used: number }> {
  const a = meter(await bytesOf(`(module (import "b" "g" (func $g)) (func (export "f") (call $g)))`));
  const b = meter(await bytesOf(`(module (import "a" "f" (func $f)) (func (export "g") (call $f)))`));
  const gauge = createFuelGauge({ now: () => 0, sliceUnits: 1_000 });
  const [cellA, cellB] = [gauge.cell(), gauge.cell()];
  let g: () => void = () => undefined;
  const first = new WebAssembly.Instance(new WebAssembly.Module(a.bytes), {
    b: { g: () => g() },
    wardian: { exhausted: cellA.exhausted },
  });
  const second = new WebAssembly.Instance(new WebAssembly.Module(b.bytes), {
    a: { f: first.exports["f"] as () => void },
    wardian: { exhausted: cellB.exhausted },
  });
  g = second.exports["g"] as () => void;
  cellA.attach(first.exports[a.fuelExport] as WebAssembly.Global<"i32">);
  cellB.attach(second.exports[b.fuelExport] as WebAssembly.Global<"i32">);
  gauge.arm({ fuel: 5_000 });
  const completion = gauge.enter(first.exports["f"] as () => void);
  return { completion, used: gauge.used };
}

/** An unsigned number as modules write it (LEB128). */
export function leb(value: number): number[] {
  const items: number[] = [];
  let rest = value;
  do {
    items.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return items;
}
