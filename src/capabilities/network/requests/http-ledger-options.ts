import type { ResolvedNetwork } from "../policy/resolve-network.ts";
import type { HttpTransport } from "../transport/transport.ts";

export interface HttpLedgerOptions {
  readonly network: ResolvedNetwork;
  /** Undefined: this platform has none, and every request fails. */
  readonly transport: HttpTransport | undefined;
  /** False in `runSync`: every request then blocks, or fails where the transport can't. */
  readonly allowAsync: boolean;
  /** Charges host work in fuel units. */
  readonly charge: (units: number) => unknown;
  /** Milliseconds left of the run, for waits that block. */
  readonly remainingMs: () => number;
  /** A monotonic host clock in milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** What earlier stretches of a suspended run have used. Default: nothing. */
  readonly spent?: SpentNetwork | undefined;
}

/** What counts against the budgets of a run, and how many requests have had a number. */
export interface SpentNetwork {
  readonly started: number;
  readonly requests: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}
