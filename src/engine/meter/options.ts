import type { ExternalKind } from "../binary/module.ts";
import type { RewriteLimits } from "../limits.ts";

export interface MeterOptions {
  /**
   * `optimized` (default) charges ahead, by at most a bounded slack too much, and checks where every cycle passes.
   * `exact` charges and checks each basic block: slow and simple, the yardstick of the other mode.
   */
  readonly mode?: "optimized" | "exact" | undefined;
  /**
   * Bytes. Becomes the maximum of every memory, imported ones included (their provider must then declare a maximum).
   * A minimum above it is refused with `module-too-large`. Default: memories keep their own maximum.
   */
  readonly memoryMaxBytes?: number | undefined;
  /** Elements. Becomes the maximum of every table. Default 1,000,000 for defined tables, none for imported ones. */
  readonly tableMaxElements?: number | undefined;
  /**
   * Deterministic bound on the depth of calls, in bytes of native stack as estimated from locals, operands and size of
   * each function; off by default. Code made to hurt can take twice that, compiled C or Rust takes less. A guest beyond it
   * traps, and the global exported as `stackExport` is then negative.
   */
  readonly stackLimit?: number | undefined;
  /** Exports to keep, by name. Default: all. */
  readonly keepExports?: readonly string[] | ((name: string) => boolean) | undefined;
  /**
   * Items to export in addition. `"state"` stands for every mutable global, memory and table that has no export yet, and
   * for the functions that only code puts into tables: what a snapshot has to hold. Indices are those of the module as given.
   */
  readonly addExports?: "state" | readonly ExportRequest[] | undefined;
  /** `keep` (default) leaves the start function to instantiation; `export` removes it from there and exports it. */
  readonly start?: "keep" | "export" | undefined;
  /** Import the fuel global instead of defining it: several modules then draw on one budget. */
  readonly fuelImport?: { readonly module: string; readonly name: string } | undefined;
  /** Import the depth of calls as well: several modules then share one stack. Only with `fuelImport` and `stackLimit`. */
  readonly stackImport?: { readonly module: string; readonly name: string } | undefined;
  /** Bounds on the input; see {@link RewriteLimits} for the defaults. */
  readonly limits?: Partial<RewriteLimits> | undefined;
  /** Write `metadata.code.branch_hint` for the injected branches. Default true. */
  readonly branchHints?: boolean | undefined;
}

export interface ExportRequest {
  readonly kind: ExternalKind;
  readonly index: number;
  /** Default: a generated name that no other export has. */
  readonly name?: string | undefined;
}
