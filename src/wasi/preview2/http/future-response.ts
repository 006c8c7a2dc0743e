import { HTTP_ERROR } from "../../../capabilities/network/http-calls.ts";
import type { HttpRequestMessage, HttpResponseMessage } from "../../../capabilities/network/http-calls.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { NumberOf, ResourceState } from "../host/resource-state.ts";
import { Pollable } from "../io/pollable.ts";
import { IncomingResponse } from "./incoming.ts";
import { OutgoingBody } from "./outgoing.ts";
import type { RequestParts } from "./outgoing.ts";

/** `error-code` of a failed request, by the name of the network's error. */
const ERROR_CODES: ReadonlyMap<string, string> = new Map([
  [HTTP_ERROR.denied, "HTTP-request-denied"],
  [HTTP_ERROR.limit, "connection-limit-reached"],
  [HTTP_ERROR.timeout, "connection-timeout"],
  [HTTP_ERROR.invalid, "HTTP-request-URI-invalid"],
]);

/**
 * `wasi:http/types.future-incoming-response`. The request is sent when the guest first asks for the answer: by then it
 * has written its body. The thread waits with it, no longer than the run's deadline.
 */
export class FutureIncomingResponse extends Resource {
  readonly #parts: RequestParts;
  readonly #timeoutMs: number | undefined;
  #taken = false;

  constructor(host: Preview2Host, parts: RequestParts, timeoutMs: number | undefined) {
    super(host);
    this.#parts = parts;
    this.#timeoutMs = timeoutMs;
  }

  override capture(number: NumberOf): ResourceState {
    const { method, url, headers, body } = this.#parts;
    return {
      kind: "future-response",
      method,
      url,
      headers: headers.map(([name, value]) => [name, value]),
      body: body && number(body),
      timeoutMs: this.#timeoutMs,
      taken: this.#taken,
    };
  }

  subscribe(): Pollable {
    return new Pollable(this.host);
  }

  get(): unknown {
    if (this.#taken) return { tag: "err", val: undefined };
    this.#taken = true;
    return { tag: "ok", val: FutureIncomingResponse.send(this) };
  }

  /** Its answer was asked for. */
  static take(future: FutureIncomingResponse): void {
    future.#taken = true;
  }

  static send(future: FutureIncomingResponse): unknown {
    const { host } = future;
    const { http } = host.powers;
    const { method, url, headers, body } = future.#parts;
    if (http === undefined) return { tag: "err", val: { tag: "HTTP-request-denied" } };
    const message: HttpRequestMessage = { url, method, headers, redirect: "manual", timeoutMs: future.#timeoutMs };
    const reply = http.start(
      JSON.stringify(message),
      body === undefined ? new Uint8Array(0) : OutgoingBody.content(body),
      true,
    );
    if (reply.state === "value") {
      const response = JSON.parse(reply.json) as HttpResponseMessage;
      return { tag: "ok", val: new IncomingResponse(host, http, response) };
    }
    if (reply.state === "pending")
      return { tag: "err", val: { tag: "internal-error", val: "the request did not block" } };
    const code = ERROR_CODES.get(reply.name);
    return { tag: "err", val: code === undefined ? { tag: "internal-error", val: reply.message } : { tag: code } };
  }
}

guardMethods(FutureIncomingResponse);
