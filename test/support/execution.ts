import type { Execution } from "../../src/index.ts";

let current: Execution = "inline";

/** How the contract that is imported next drives its sandboxes: the same tests run over all of them. */
export function driveBy(execution: Execution): void {
  current = execution;
}

export function executionUnderTest(): Execution {
  return current;
}
