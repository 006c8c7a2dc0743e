import { WardianError } from "../../errors.ts";
import { decodeModule } from "../binary/decode-module.ts";
import { describeModule } from "../inspect.ts";
import { DEFAULT_REWRITE_LIMITS, type RewriteLimits } from "../limits.ts";
import { storeCaps } from "./caps.ts";
import { checkOptions } from "./check-options.ts";
import { EditList } from "./plan/edits.ts";
import { Injection, I32 } from "./emit/injection.ts";
import { EXHAUSTED_IMPORT, type MeteredModule } from "./metered-module.ts";
import { nameExports } from "./name-exports.ts";
import type { MeterOptions } from "./options.ts";
import { planExact } from "./plan/plan-exact.ts";
import { planOptimized } from "./plan/plan-optimized.ts";
import type { Rewrite } from "./emit/rewrite.ts";
import { writeModule } from "./emit/write-module.ts";

/**
 * Rewrites a core module so that it pays fuel for what it does and stops when the fuel is used up.
 *
 * The result is equivalent to the input but for one more import (`wardian.exhausted`) and one more export, the fuel
 * global. The same input and options give the same bytes everywhere. The result still has to be validated by the
 * engine that runs it: `meter` reads structure and refuses what it cannot decode, it does not check types.
 *
 * @throws WardianError `invalid-module`, `module-too-large`, or `unsealed-module` if the input itself imports from
 * `wardian`; `invalid-option`.
 */
export function meter(bytes: Uint8Array, options: MeterOptions = {}): MeteredModule {
  const limits: RewriteLimits = { ...DEFAULT_REWRITE_LIMITS, ...options.limits };
  checkOptions(options);
  const module = decodeModule(bytes, limits);
  for (const { module: from, name } of module.imports) {
    if (from === EXHAUSTED_IMPORT.module) {
      throw new WardianError(
        "unsealed-module",
        `Cannot meter module: it imports "${name}" from "${from}", a name that is reserved`,
      );
    }
  }
  const injection = new Injection(module, options.fuelImport !== undefined, options.stackImport !== undefined);
  injection.type([], [I32]);
  const edits = new EditList();
  const named = nameExports(module, injection, options);
  const entered = named.exports.flatMap(({ kind, index }) => (kind === "function" ? [index] : []));
  if (module.start !== undefined) entered.push(module.start);
  const plans =
    options.mode === "exact"
      ? planExact(module, injection, edits, limits)
      : planOptimized(module, injection, edits, limits, entered, options.stackLimit !== undefined);
  const rewrite: Rewrite = {
    module,
    injection,
    edits,
    plans,
    caps: storeCaps(module, options),
    fuelImport: options.fuelImport,
    stackImport: options.stackImport,
    stackLimit: options.stackLimit,
    removeStart: options.start === "export",
    exports: named.exports,
    branchHints: options.branchHints ?? true,
    limits,
  };
  return {
    bytes: writeModule(rewrite),
    import: EXHAUSTED_IMPORT,
    ...named.result,
    prepaid: Int32Array.from(plans, ({ prepaid }) => prepaid),
    description: describeModule(module),
  };
}
