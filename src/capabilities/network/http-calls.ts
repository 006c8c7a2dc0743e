import type { ToolReply } from "../tools/tool-calls.ts";

/**
 * What a guest driver sees of the network. Requests are JSON text and bytes made in the guest: hostile, checked here.
 * Nothing throws: a refused or failed request is an `error` reply.
 */
export interface HttpCalls {
  /**
   * Starts one request, given as {@link HttpRequestMessage}. The reply's JSON is an {@link HttpResponseMessage}.
   * A pending one comes later as a settlement, as those of tools do; the numbers of the two never meet.
   * With `blocking` the thread waits and the reply is there at once.
   */
  start(requestJson: string, body: Uint8Array, blocking: boolean): ToolReply;
  /** Takes the next piece of a response's body, at most `maxBytes`. Pending: a settlement tells when to ask again. */
  read(id: number, maxBytes: number): HttpBodyReply;
  /** The guest wants nothing more of this request. No settlement of it comes afterwards. */
  cancel(id: number): void;
}

export type HttpBodyReply =
  | { readonly state: "bytes"; readonly bytes: Uint8Array }
  | { readonly state: "end" }
  | { readonly state: "pending"; readonly id: number }
  | { readonly state: "error"; readonly name: string; readonly message: string };

export interface HttpRequestMessage {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirect: "follow" | "error" | "manual";
  /** The guest's own deadline for head and body; the limit holds beside it. */
  readonly timeoutMs?: number | undefined;
}

export interface HttpResponseMessage {
  /** For `read` and `cancel`. */
  readonly id: number;
  /** Of the last request, without fragment. */
  readonly url: string;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** The names of the errors: what the guest asked for was refused, a budget is used up, the guest's own deadline has passed, or the request failed on its way. */
export const HTTP_ERROR = {
  denied: "NetworkDenied",
  limit: "NetworkLimit",
  timeout: "NetworkTimeout",
  failed: "NetworkError",
  invalid: "TypeError",
} as const;
