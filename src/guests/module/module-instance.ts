import type { FuelCell, FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import type { GuestState } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import { STACK_LIMIT } from "./prepare-module.ts";
import type { PreparedModule } from "./prepare-module.ts";

/** A live core module, linked to a gauge. */
export interface ModuleInstance {
  readonly exports: WebAssembly.Exports;
  readonly memory: WebAssembly.Memory | undefined;
  /** What a snapshot of it holds. */
  readonly state: GuestState;
  readonly cell: FuelCell;
  /** The module's own start function, taken out of instantiation so that it runs with the fuel attached. */
  readonly start: (() => unknown) | undefined;
}

/** Copying the data segments into place: some 0.1 ns a byte. */
const INSTANTIATE_UNITS_PER_BYTE = 4;

/** Links a module. To be called inside `fuel.enter`: segments that don't fit are a trap of the guest's. */
export function instantiateModule(
  { module, metered, byteLength }: PreparedModule,
  imports: WebAssembly.Imports,
  fuel: FuelGauge,
): ModuleInstance {
  fuel.charge(byteLength * INSTANTIATE_UNITS_PER_BYTE);
  const cell = fuel.cell();
  const { exports } = new WebAssembly.Instance(module, { ...imports, wardian: { exhausted: cell.exhausted } });
  const stack = metered.stackExport === undefined ? undefined : globalOf(exports, metered.stackExport);
  cell.attach(globalOf(exports, metered.fuelExport), stack && { global: stack, limit: STACK_LIMIT });
  const memory = metered.state.memories.map((name) => exports[name]).find((item) => item instanceof WebAssembly.Memory);
  const start = metered.startExport === undefined ? undefined : exports[metered.startExport];
  return {
    exports,
    memory,
    state: {
      memories: memory === undefined ? [] : [memory],
      globals: metered.state.globals.map((name) => globalOf(exports, name)),
      tables: metered.state.tables.map((name) => exports[name]).filter((item) => item instanceof WebAssembly.Table),
    },
    cell,
    start: typeof start === "function" ? (start as () => unknown) : undefined,
  };
}

function globalOf(exports: WebAssembly.Exports, name: string): WebAssembly.Global<"i32"> {
  const value = exports[name];
  if (!(value instanceof WebAssembly.Global))
    throw new WardianError("internal", `Cannot link a metered module: "${name}" is not an exported global`);
  return value as WebAssembly.Global<"i32">;
}
