import type { ToolSettlement } from "./tools/tool-calls.ts";

/** Calls of a guest that end later, as an execution waits for them. */
export interface PendingCalls {
  /** Takes the calls that ended since the last time. */
  takeSettled(): readonly ToolSettlement[];
  /** Resolves when a call has ended (at once if one has). Only one waiter at a time. */
  nextSettlement(): Promise<void>;
}

/** Waits for whichever of several ends first. */
export function joinPending(parts: readonly PendingCalls[]): PendingCalls {
  return {
    takeSettled: () => parts.flatMap((part) => part.takeSettled()),
    nextSettlement: async () => await Promise.race(parts.map((part) => part.nextSettlement())),
  };
}
