import type { Execution } from "../../src/index.ts";

let current: Execution = "inline";
let sampled = false;

/**
 * How the contract that is imported next drives its sandboxes: the same tests run over all of them. `sample`: those of one
 * language only, since each thread and process takes its time to start; `WARDIAN_ALL_TIERS` asks for everything.
 */
export function driveBy(execution: Execution, options: { readonly sample?: boolean } = {}): void {
  current = execution;
  sampled = options.sample === true && process.env["WARDIAN_ALL_TIERS"] === undefined;
}

export function executionUnderTest(): Execution {
  return current;
}

/** Those of a contract's languages that are run. */
export function sampleOf<T>(all: readonly T[]): readonly T[] {
  return sampled ? all.slice(0, 1) : all;
}

/** Whether a test that takes long is run. */
export function everythingUnderTest(): boolean {
  return !sampled;
}
