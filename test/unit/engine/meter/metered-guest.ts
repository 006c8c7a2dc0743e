import { parse } from "@bytecodealliance/jco";
import { meter } from "../../../../src/engine/index.ts";
import type { MeteredModule, MeterOptions } from "../../../../src/engine/index.ts";

export async function assemble(wat: string): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await parse(wat));
}

export interface MeteredGuest {
  readonly metered: MeteredModule;
  readonly exports: WebAssembly.Exports;
  /** Calls an export; a trap comes back as its message. */
  call(name: string, ...args: readonly unknown[]): unknown;
  /** Units used so far. */
  used(): number;
}

export interface GuestOptions extends MeterOptions {
  /** Units to hand out in all. Default 10 million. */
  readonly fuel?: number;
  /** Units of a slice. Default 10,000. */
  readonly slice?: number;
  readonly imports?: WebAssembly.Imports;
}

/** Meters a module and instantiates it with a gauge of the simplest kind: slices until the budget is spent. */
export function runMetered(bytes: Uint8Array, options: GuestOptions = {}): MeteredGuest {
  const { fuel = 10_000_000, slice = 10_000, imports = {}, ...meterOptions } = options;
  const metered = meter(bytes, meterOptions);
  let granted = 0;
  let counter: WebAssembly.Global<"i32"> | undefined;
  const exhausted = (): number => {
    if (counter === undefined) return 0;
    // One check may come for more than a slice.
    while (counter.value < 0) {
      if (granted >= fuel) return 1;
      granted += slice;
      counter.value += slice;
    }
    return 0;
  };
  const module = new WebAssembly.Module(metered.bytes);
  const instance = new WebAssembly.Instance(module, { ...imports, wardian: { exhausted } });
  counter = instance.exports[metered.fuelExport] as WebAssembly.Global<"i32">;
  const fuelGlobal = counter;
  return {
    metered,
    exports: instance.exports,
    call: (name, ...args) => {
      try {
        return (instance.exports[name] as (...values: readonly unknown[]) => unknown)(...args);
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return error.message;
        throw error;
      }
    },
    used: () => granted - fuelGlobal.value,
  };
}
