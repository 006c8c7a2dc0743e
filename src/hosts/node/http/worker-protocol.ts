import type {
  TransportFailure,
  TransportHead,
  TransportRequest,
} from "../../../capabilities/network/transport/transport.ts";

/** What the thread that waits asks of the one that works: one thing at a time, except to give up. */
export type WorkerQuestion =
  | { readonly kind: "send"; readonly id: number; readonly request: TransportRequest }
  | { readonly kind: "read"; readonly id: number }
  | { readonly kind: "cancel"; readonly id: number };

/** The answer; `ticket` tells a late one from the one that is waited for. */
export type WorkerAnswer = { readonly ticket: number } & (
  | { readonly kind: "head"; readonly head: TransportHead }
  | { readonly kind: "piece"; readonly piece: Uint8Array | undefined }
  | { readonly kind: "failure"; readonly failure: TransportFailure; readonly reason: string }
);

export interface WorkerMessage {
  readonly ticket: number;
  readonly question: WorkerQuestion;
}
