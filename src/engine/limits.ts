/**
 * Bounds that the rewriter puts on its input, so that hostile bytes cost bounded work.
 * A module beyond one of them is refused with `WardianError` code `module-too-large`.
 */
export interface RewriteLimits {
  /** Size of the module. Default 64 MiB. */
  readonly bytes: number;
  /** Functions, imports included. Default 1,000,000 (the JavaScript API's own bound). */
  readonly functions: number;
  /** Entries in each of the type, import, export, global, table, memory, tag, element and data sections. Default 1,000,000. */
  readonly entries: number;
  /** Bytes of one function body. Default 7,654,321 (the JavaScript API's own bound). */
  readonly bodyBytes: number;
  /** Locals of one function, parameters included. Default 49,990: up to ten less than the JavaScript API allows, since the rewriter adds some. */
  readonly locals: number;
  /** Nesting of blocks. Default 10,000. */
  readonly nesting: number;
  /** Targets of one `br_table`. Default 65,520 (the JavaScript API's own bound). */
  readonly branchTargets: number;
  /** Size of the rewritten module. Default 256 MiB. */
  readonly outputBytes: number;
}

/** Sources: the JavaScript API specification, "Implementation-defined Limits"; V8's `wasm-limits.h`. */
export const DEFAULT_REWRITE_LIMITS: RewriteLimits = {
  bytes: 64 * 2 ** 20,
  functions: 1_000_000,
  entries: 1_000_000,
  bodyBytes: 7_654_321,
  locals: 49_990,
  nesting: 10_000,
  branchTargets: 65_520,
  outputBytes: 256 * 2 ** 20,
};
