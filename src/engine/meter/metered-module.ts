import type { ExternalKind } from "../binary/module.ts";
import type { ModuleDescription } from "../inspect.ts";

/** The import that every metered module asks for: a function that takes nothing and returns i32, zero to go on. */
export const EXHAUSTED_IMPORT: { readonly module: "wardian"; readonly name: "exhausted" } = {
  module: "wardian",
  name: "exhausted",
};

/** A rewritten module and what a caller needs to run it. */
export interface MeteredModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * Called when the fuel global is negative. It has added units to the global and returns 0, or returns another
   * number: then the guest traps. A global still negative behind a 0 is credit, good until the next check.
   */
  readonly import: typeof EXHAUSTED_IMPORT;
  /** Name of the exported mutable i32 fuel global. It starts at 0 unless imported. */
  readonly fuelExport: string;
  /** Set with `start: "export"` if the module has a start function: call it once behind instantiation. */
  readonly startExport?: string;
  /**
   * Set with `stackLimit`: name of an exported mutable i32 global that starts at `stackLimit`, sinks with each call
   * and is negative once a guest has trapped for depth. Set it back to `stackLimit` before each entry.
   */
  readonly stackExport?: string;
  /** What `addExports` asked for, in its order, under the names that they got. */
  readonly added: readonly { readonly name: string; readonly kind: ExternalKind; readonly index: number }[];
  /** With `addExports: "state"`: the export name of every mutable global, memory and table of the module. */
  readonly state: {
    readonly globals: readonly string[];
    readonly memories: readonly string[];
    readonly tables: readonly string[];
  };
  /**
   * Units that each defined function leaves to its direct callers; exported ones leave none. Who makes another function
   * callable, behind the meter, has to charge them.
   */
  readonly prepaid: Int32Array;
  /** The module as given: imports, exports, memories, tables, features. */
  readonly description: ModuleDescription;
}
