import { WardianError } from "../../errors.ts";
import { decodeModule } from "../binary/decode-module.ts";
import type { WasmModule } from "../binary/module.ts";
import { DEFAULT_REWRITE_LIMITS } from "../limits.ts";
import { bodyOf } from "./body-of.ts";
import { CallGraph } from "./call-graph.ts";
import { checkSurroundings } from "./check-surroundings.ts";
import { NOT_A_SIZER } from "./module-facts.ts";
import type { MeteringProblem, ModuleFacts } from "./module-facts.ts";
import { reachByReference } from "./reach-by-reference.ts";
import { scanFunctions } from "./scan-functions.ts";
import { settleFunctions } from "./settle-functions.ts";
import { leastCost } from "./weights.ts";

export type { MeteringProblem } from "./module-facts.ts";

/** What has to be known of a metered module: the fields of `MeteredModule` that name its injected parts. */
export interface MeteringNames {
  readonly import: { readonly module: string; readonly name: string };
  /** Name of the exported fuel global. */
  readonly fuelExport: string;
}

export interface VerifyOptions {
  /** The least to charge for an instruction. Default: 1, and 0 for structure, constants and locals. */
  readonly cost?: (op: number) => number;
  /** Instructions that may run between two checks. Default 1,000,000. */
  readonly longestRun?: number;
}

export type MeteringVerdict =
  | {
      readonly ok: true;
      readonly functions: number;
      readonly loops: number;
      readonly checks: number;
      readonly charges: number;
      /** Upper bound on the instructions that run between two checks (without those of the engine's stack unwinding). */
      readonly longestRun: number;
    }
  | { readonly ok: false; readonly problems: readonly MeteringProblem[] };

/** Half a millisecond or less. */
const LONGEST_RUN = 1_000_000;

/** More than this many problems tell nothing new. */
const MAX_PROBLEMS = 100;

/** A rewritten module may be larger than one that `meter` accepts, and nests a few blocks deeper. */
const LIMITS = {
  ...DEFAULT_REWRITE_LIMITS,
  bytes: DEFAULT_REWRITE_LIMITS.outputBytes,
  bodyBytes: 2 ** 30,
  nesting: 2 ** 30,
};

/**
 * Proves of a metered module that no guest can run it for nothing or for ever. It shares no code with the rewriter: it
 * reads the finished bytes and trusts no pattern in them.
 *
 * What is proved: every cycle of the control flow of each function passes a positive charge and a check of the same
 * counter; so does every cycle of calls (direct, by reference, tail calls, through imports that enter exports); every
 * path is charged at least its cost (see `cost`); nothing but the host adds fuel; the fuel global and the `exhausted`
 * import are touched by charges and checks alone; a non-zero answer of the host ends in a trap; an operation of
 * run-time size is charged by that size; no debt is left behind by a return or an exception; and the work between two
 * checks is bounded.
 *
 * What is assumed: the engine validates the module; the host keeps the fuel global to itself.
 *
 * Work is linear in the module's size. Never throws for what is in `bytes`.
 */
export function verifyMetering(bytes: Uint8Array, names: MeteringNames, options: VerifyOptions = {}): MeteringVerdict {
  const problems: MeteringProblem[] = [];
  const report = (problem: MeteringProblem): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };
  try {
    const figures = verify(decodeModule(bytes, LIMITS), names, options, report);
    if (figures !== undefined && problems.length === 0) return { ok: true, ...figures };
  } catch (error) {
    if (!(error instanceof WardianError)) throw error;
    report({ function: -1, offset: 0, problem: error.message });
  }
  return { ok: false, problems };
}

type Figures = Omit<Extract<MeteringVerdict, { ok: true }>, "ok">;

function verify(
  module: WasmModule,
  names: MeteringNames,
  options: VerifyOptions,
  report: (problem: MeteringProblem) => void,
): Figures | undefined {
  const whole = (problem: string): undefined => {
    report({ function: -1, offset: 0, problem });
  };
  const asked = module.imports.filter(
    ({ module: from, name }) => from === names.import.module && name === names.import.name,
  );
  const exhausted = asked[0];
  if (asked.length !== 1 || exhausted?.kind !== "function")
    return whole("the exhausted function is not imported exactly once");
  const exported = module.exports.find(({ name }) => name === names.fuelExport);
  if (exported?.kind !== "global") return whole("the fuel global is not exported");
  const fuel = exported.index;
  const type = module.globals[fuel];
  if (type === undefined || !type.mutable || type.type !== "i32") return whole("the fuel global is not a mutable i32");
  const scan = scanFunctions(module, fuel);
  checkSurroundings(module, fuel, exhausted.index, scan, whole);

  const count = module.functionTypes.length;
  const graph = new CallGraph(count);
  const facts: ModuleFacts = {
    module,
    fuel,
    exhausted: exhausted.index,
    exceptions: module.tags.length > 0 || scan.usesTry,
    catches: scan.usesTry,
    cost: options.cost ?? leastCost,
    debts: scan.debts,
    counters: scan.counters,
    settlers: scan.settlers,
    askers: new Uint8Array(count),
    sizers: new Int8Array(count).fill(NOT_A_SIZER),
    cutters: new Float64Array(count),
    prepaid: new Float64Array(count),
    indirectPrepaid: 0,
    passable: new Uint8Array(count).fill(1),
    through: new Float64Array(count),
    prefix: new Float64Array(count),
    indirectThrough: 0,
    indirectPrefix: 0,
    calls: graph,
  };
  const summaries = settleFunctions(module, facts, scan, report);
  const figures = { functions: count - module.importedFunctions, loops: 0, checks: 0, charges: 0, longestRun: 0 };
  for (const [index, summary] of summaries.entries()) {
    if (summary === undefined) continue;
    figures.longestRun = Math.max(figures.longestRun, summary.longestRun);
    if (summary.longestRun > (options.longestRun ?? LONGEST_RUN)) {
      report({
        function: index,
        offset: bodyOf(module, index),
        problem: `up to ${String(summary.longestRun)} instructions run without a check`,
      });
    }
    figures.loops += summary.loops;
    figures.checks += summary.checks;
    figures.charges += summary.charges;
  }
  for (const { kind, index } of module.exports) {
    // The host pays nothing for its calls.
    const prepaid = kind === "function" ? (facts.prepaid[index] ?? 0) : 0;
    if (prepaid > 0)
      report({
        function: index,
        offset: bodyOf(module, index),
        problem: `a path is charged too little, by ${String(prepaid)}`,
      });
  }
  reachByReference(module, scan, graph);
  for (const index of graph.unchecked())
    report({
      function: index < count ? index : -1,
      offset: bodyOf(module, index),
      problem: "recursion without a check",
    });
  return figures;
}
