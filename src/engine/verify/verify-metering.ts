import { WardianError } from "../../errors.ts";
import { decodeModule } from "../binary/decode-module.ts";
import { SECTION } from "../binary/module.ts";
import type { WasmModule } from "../binary/module.ts";
import { DEFAULT_REWRITE_LIMITS } from "../limits.ts";
import { CallGraph } from "./call-graph.ts";
import { calleesFirst } from "./call-order.ts";
import { FunctionVerifier } from "./function-verifier.ts";
import { IMPORTED, INDIRECT, NOT_A_SIZER } from "./module-facts.ts";
import type { FunctionSummary, MeteringProblem, ModuleFacts } from "./module-facts.ts";
import { scanFunctions } from "./scan-functions.ts";
import type { FunctionScan } from "./scan-functions.ts";
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
  surroundings(module, fuel, exhausted.index, scan, whole);

  const count = module.functionTypes.length;
  const graph = new CallGraph(count);
  const facts: ModuleFacts = {
    module,
    fuel,
    exhausted: exhausted.index,
    exceptions: module.tags.length > 0 || scan.usesTry,
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
  const summaries = settle(module, facts, scan, report);
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

/** Nothing outside of the code may lead to the fuel global or the import. */
function surroundings(
  module: WasmModule,
  fuel: number,
  exhausted: number,
  scan: FunctionScan,
  whole: (problem: string) => void,
): void {
  const exports = module.exports.filter(({ kind, index }) => kind === "global" && index === fuel);
  if (exports.length !== 1) whole("the fuel global is exported under a second name");
  for (const { kind, index } of module.exports) {
    if (kind === "function" && index === exhausted) whole("the exhausted import is exported");
    if (kind === "function" && scan.settlers[index] === 1) whole("a function that settles debts is exported");
  }
  if (scan.addressTaken[exhausted] === 1) whole("a reference to the exhausted import exists");
  if (module.start === exhausted) whole("the exhausted import is the start function");
  const listed = module.sections.find(({ id }) => id === SECTION.export);
  for (let i = 0; i + 2 < module.globalReferences.length; i += 3) {
    const place = module.globalReferences[i] ?? 0;
    const isExport = listed !== undefined && place >= listed.start && place < listed.end;
    if (module.globalReferences[i + 2] === fuel && !isExport) whole("a constant expression reads the fuel global");
  }
  for (const index of scan.ambiguous) whole(`function ${String(index)} has more than one debt or counter`);
  for (let index = module.importedFunctions; index < module.functionTypes.length; index++) {
    const debt = scan.debts[index] ?? -1;
    if (debt >= 0 && debt === scan.counters[index]) whole(`function ${String(index)} holds fuel in its debt`);
    const type = module.types[module.functionTypes[index] ?? -1];
    if (scan.settlers[index] === 1) {
      if (scan.addressTaken[index] === 1)
        whole(`a reference to function ${String(index)}, which settles debts, exists`);
    } else if (debt >= 0 && type?.kind === "function" && debt < type.params.length)
      whole(`function ${String(index)} takes its debt as a parameter`);
  }
}

/** How often a function may be read again on average, and how deep a chain of unpaid calls may be, before it counts as endless. */
const MAX_VISITS = 16;
const MOST_PREPAID = 100_000;
/** How often what a function needs may turn out to be more. */
const MAX_GROWTH = 10;

/**
 * Verifies all functions, callees first, and again wherever what was assumed of a callee turned out otherwise: what it
 * needs its callers to have paid (which only grows), and whether it always checks (which only becomes true).
 */
function settle(
  module: WasmModule,
  facts: ModuleFacts,
  scan: FunctionScan,
  report: (problem: MeteringProblem) => void,
): readonly (FunctionSummary | undefined)[] {
  const count = module.functionTypes.length;
  const verifier = new FunctionVerifier(facts);
  const order = calleesFirst(scan, module.importedFunctions);
  const summaries: (FunctionSummary | undefined)[] = new Array<undefined>(count);
  const changed = new Float64Array(count);
  const grown = new Uint8Array(count);
  const read = new Float64Array(count);
  let indirectChanged = 0;
  let time = 0;
  const isStale = (index: number): boolean => {
    const since = read[index] ?? 0;
    if (since === 0) return true;
    if (indirectChanged > since && summaries[index]?.callsIndirectly === true) return true;
    for (let edge = scan.firstCallee[index] ?? 0; edge < (scan.lastCallee[index] ?? 0); edge++) {
      if ((changed[scan.callees[edge] ?? 0] ?? 0) > since) return true;
    }
    return false;
  };
  let stale = true;
  while (stale && time <= count * MAX_VISITS + 1_000) {
    stale = false;
    for (const index of order) {
      if (!isStale(index)) continue;
      stale = true;
      time++;
      const prepaid = facts.prepaid[index] ?? 0;
      const [passable, prefix, through] = [facts.passable[index], facts.prefix[index], facts.through[index]];
      summaries[index] = verifier.verify(index);
      read[index] = time;
      // Where it grows again and again, recursion costs more than it charges: that has no end.
      let needed = Math.max(prepaid, facts.prepaid[index] ?? 0);
      if (needed > prepaid) grown[index] = (grown[index] ?? 0) + 1;
      if ((grown[index] ?? 0) > MAX_GROWTH) needed = MOST_PREPAID;
      facts.prepaid[index] = Math.min(needed, MOST_PREPAID);
      const same =
        facts.passable[index] === passable && facts.prefix[index] === prefix && facts.through[index] === through;
      if (facts.prepaid[index] !== prepaid || !same) changed[index] = time + 0.5;
      if (scan.addressTaken[index] === 1 && reachedByReference(facts, index)) indirectChanged = time + 0.5;
    }
  }
  for (const summary of summaries) for (const problem of summary?.problems ?? []) report(problem);
  for (let index = module.importedFunctions; index < count; index++) {
    if ((stale && isStale(index)) || (facts.prepaid[index] ?? 0) >= MOST_PREPAID) {
      report({ function: index, offset: bodyOf(module, index), problem: "recursion is charged too little" });
    }
  }
  return summaries;
}

/** Adds a function to what is known of indirect calls. Returns whether that changed anything. */
function reachedByReference(facts: ModuleFacts, index: number): boolean {
  const { indirectPrepaid, indirectPrefix, indirectThrough } = facts;
  facts.indirectPrepaid = Math.max(indirectPrepaid, facts.prepaid[index] ?? 0);
  facts.indirectPrefix = Math.max(indirectPrefix, facts.prefix[index] ?? 0);
  if (facts.passable[index] === 1) facts.indirectThrough = Math.max(indirectThrough, facts.through[index] ?? 0);
  return (
    facts.indirectPrepaid !== indirectPrepaid ||
    facts.indirectPrefix !== indirectPrefix ||
    facts.indirectThrough !== indirectThrough
  );
}

/**
 * Adds the calls that are made through tables and imports.
 *
 * An import may be another module's function that calls an export of this one, and a host may put an export into a
 * table that it shares: exports count as reachable by reference wherever there is a way for them to come back.
 */
function reachByReference(module: WasmModule, scan: FunctionScan, graph: CallGraph): void {
  const shared = module.importedTables > 0 || module.exports.some(({ kind }) => kind === "table");
  for (const { kind, index } of module.exports) {
    if (kind !== "function" || index < module.importedFunctions) continue;
    graph.reach(IMPORTED, index);
    if (shared) graph.reach(INDIRECT, index);
  }
  for (let index = module.importedFunctions; index < module.functionTypes.length; index++) {
    if (scan.addressTaken[index] !== 1) continue;
    graph.reach(INDIRECT, index);
    if (shared) graph.reach(IMPORTED, index);
  }
  // A table may hold imports.
  if (module.importedFunctions > 0 || shared) graph.reach(INDIRECT, IMPORTED);
}

function bodyOf(module: WasmModule, index: number): number {
  return module.bodies[(index - module.importedFunctions) * 2] ?? 0;
}
