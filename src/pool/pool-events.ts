import type { LimitName, RunResult } from "../sandbox/result.ts";

/** What a pool tells of its work, for metrics and logs. Sources, values and output are never part of it. */
export type PoolEvent =
  | { readonly type: "run-queued"; readonly tenant: string; readonly waiting: number }
  | { readonly type: "run-refused"; readonly tenant: string; readonly reason: "overloaded" | "closed" }
  /** Taken out of the queue by its signal, or by the end of the pool. */
  | { readonly type: "run-cancelled"; readonly tenant: string; readonly waitedMs: number }
  | { readonly type: "run-started"; readonly tenant: string; readonly sandbox: number; readonly waitedMs: number }
  | {
      readonly type: "run-ended";
      readonly tenant: string;
      readonly sandbox: number;
      /** "refused": the caller's own mistake, told by a rejection. */
      readonly status: RunResult["status"] | "refused";
      readonly limit: LimitName | undefined;
      readonly waitedMs: number;
      readonly runMs: number;
      readonly fuel: number;
    }
  | { readonly type: "sandbox-ready"; readonly sandbox: number; readonly createMs: number }
  /** It crashed, did not answer, or could not be put back; another one takes its place. */
  | { readonly type: "sandbox-lost"; readonly sandbox: number; readonly reason: string }
  /** The next attempt follows in `retryMs`. */
  | { readonly type: "sandbox-failed"; readonly error: unknown; readonly retryMs: number };

/** Figures of a pool at one moment. */
export interface PoolStats {
  readonly size: number;
  /** Sandboxes that are ready for a run. */
  readonly idle: number;
  readonly running: number;
  /** Runs that wait. */
  readonly waiting: number;
  /** Since the pool was made. */
  readonly completed: number;
  readonly replaced: number;
}
