import type { WasmModule } from "../binary/module.ts";
import { bodyOf } from "./body-of.ts";
import { calleesFirst } from "./call-order.ts";
import { FunctionVerifier } from "./function-verifier.ts";
import type { FunctionSummary, MeteringProblem, ModuleFacts } from "./module-facts.ts";
import type { FunctionScan } from "./scan-functions.ts";

/** How often a function may be read again on average, and how deep a chain of unpaid calls may be, before it counts as endless. */
const MAX_VISITS = 16;
const MOST_PREPAID = 100_000;
/** How often what a function needs may turn out to be more. */
const MAX_GROWTH = 10;

/**
 * Verifies all functions, callees first, and again wherever what was assumed of a callee turned out otherwise: what it
 * needs its callers to have paid (which only grows), and whether it always checks (which only becomes true).
 */
export function settleFunctions(
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
