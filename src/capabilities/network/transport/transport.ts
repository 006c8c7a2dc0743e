import type { Header } from "../policy/header-rules.ts";

/** One request on the wire: a single hop, already allowed. Data only, so that it can go to another thread. */
export interface TransportRequest {
  readonly url: string;
  readonly method: string;
  /** Names in lower case; secrets are in place. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array | undefined;
  /**
   * Special addresses that the host's name may have. Any other name must resolve to public addresses only
   * (`specialAddress` says so), and the connection must go to one of those that were looked at.
   */
  readonly addresses: readonly string[];
}

export interface TransportHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Header[];
}

/** A response whose body is read piece by piece, decompressed. */
export interface TransportResponse extends TransportHead {
  /** The next piece; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the connection; the rest of the body is of no use. */
  cancel(): void;
}

/** Sends single requests: follows no redirect, keeps no cookie, uses no proxy that nobody named. Rejects with a {@link TransportError}. */
export interface HttpTransport {
  send(request: TransportRequest, signal: AbortSignal): Promise<TransportResponse>;
  /** Loads what the first request needs, so that it does not count as that request's time. */
  prepare?(): Promise<void>;
  /** The same while the calling thread waits; absent where it may not. */
  readonly blocking?: BlockingTransport | undefined;
}

/** Throws a {@link TransportError}, "timeout" after `timeoutMs`. */
export interface BlockingTransport {
  send(request: TransportRequest, timeoutMs: number): BlockingResponse;
}

export interface BlockingResponse extends TransportHead {
  read(timeoutMs: number): Uint8Array | undefined;
  cancel(): void;
}

/** Why a request failed, as far as a guest may know. Messages of sockets and resolvers hold host names, paths and addresses. */
export type TransportFailure =
  | "denied"
  | "no-such-host"
  | "connection"
  | "tls"
  | "timeout"
  | "protocol"
  | "opaque-redirect"
  | "unsupported";

export class TransportError extends Error {
  readonly failure: TransportFailure;
  /** For "denied": what was wrong with the address. Never the address itself, which could tell a guest about the host's network. */
  readonly reason: string;

  constructor(failure: TransportFailure, reason = "", options?: { readonly cause?: unknown }) {
    super(reason === "" ? failure : `${failure}: ${reason}`, options);
    this.name = "TransportError";
    this.failure = failure;
    this.reason = reason;
  }
}
