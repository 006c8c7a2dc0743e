import { Body, extractBody } from "./body.ts";
import type { BodySource } from "./body.ts";
import { Headers } from "./headers.ts";
import type { HeadersInit } from "./headers.ts";

interface ResponseInit {
  readonly status?: number;
  readonly statusText?: unknown;
  readonly headers?: HeadersInit | null;
}

const NO_BODY = new Set([101, 103, 204, 205, 304]);

export class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  #url = "";
  #redirected = false;
  #type = "default";

  constructor(body: unknown = null, init: ResponseInit = {}) {
    const { status = 200, statusText = "", headers } = init;
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw new RangeError("The status must be an integer from 200 to 599");
    const { source, type } = extractBody(body);
    if (source !== null && NO_BODY.has(status)) throw new TypeError(`A response with status ${status} has no body`);
    super(source);
    this.status = status;
    this.statusText = String(statusText);
    this.headers = new Headers(headers);
    if (type !== undefined && !this.headers.has("content-type")) this.headers.set("content-type", type);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }
  get url(): string {
    return this.#url;
  }
  get redirected(): boolean {
    return this.#redirected;
  }
  get type(): string {
    return this.#type;
  }

  clone(): Response {
    const copy = new Response(this.copyBody(), {
      status: this.status,
      statusText: this.statusText,
      headers: this.headers,
    });
    copy.#url = this.#url;
    copy.#redirected = this.#redirected;
    copy.#type = this.#type;
    return copy;
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(data), { ...init, headers });
  }

  /** A response that came from the host. */
  static received(
    source: BodySource,
    head: {
      readonly status: number;
      readonly statusText: string;
      readonly headers: readonly (readonly [string, string])[];
      readonly url: string;
      readonly redirected: boolean;
    },
  ): Response {
    const status = head.status >= 200 && head.status <= 599 ? head.status : 599;
    const response = new Response(NO_BODY.has(status) ? null : source, {
      status,
      statusText: head.statusText,
      headers: head.headers,
    });
    response.#url = head.url;
    response.#redirected = head.redirected;
    response.#type = "basic";
    return response;
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }
}
