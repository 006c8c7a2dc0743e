import { Body, extractBody, takeBody } from "./body.ts";
import type { BodySource } from "./body.ts";
import { Headers } from "./headers.ts";
import { toText } from "../intrinsics.ts";
import type { HeadersInit } from "./headers.ts";

export interface RequestInit {
  readonly method?: unknown;
  readonly headers?: HeadersInit | null;
  readonly body?: unknown;
  readonly redirect?: unknown;
  readonly signal?: AbortSignal | null;
}

/** Fetch standard, section 2.2.1, "normalize". */
const NORMALIZED = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

/** `Request`: what modes, caches and referrers are for does not exist here. */
export class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly redirect: "follow" | "error" | "manual";
  readonly signal: AbortSignal;

  constructor(input: unknown, init: RequestInit = {}) {
    const from = input instanceof Request ? input : undefined;
    const method = methodOf(init.method ?? from?.method ?? "GET");
    const given = init.body !== undefined && init.body !== null ? extractBody(init.body) : undefined;
    if (given !== undefined && (method === "GET" || method === "HEAD"))
      throw new TypeError(`A ${method} request has no body`);
    const source: BodySource = given?.source ?? (from === undefined ? null : takeBody(from));
    super(source);
    this.url = from === undefined ? urlOf(input) : from.url;
    this.method = method;
    this.headers = new Headers(init.headers ?? from?.headers);
    if (given?.type !== undefined && !this.headers.has("content-type")) this.headers.set("content-type", given.type);
    const redirect = toText(init.redirect ?? from?.redirect ?? "follow");
    if (redirect !== "follow" && redirect !== "error" && redirect !== "manual")
      throw new TypeError(`"${redirect}" is not a redirect mode`);
    this.redirect = redirect;
    this.signal = init.signal ?? from?.signal ?? new AbortController().signal;
  }

  clone(): Request {
    const body = this.copyBody();
    return new Request(this.url, {
      method: this.method,
      headers: this.headers,
      redirect: this.redirect,
      signal: this.signal,
      ...(body === null ? {} : { body }),
    });
  }

  get [Symbol.toStringTag](): string {
    return "Request";
  }
}

function methodOf(method: unknown): string {
  const text = String(method);
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) throw new TypeError(`"${text}" is not a method`);
  const upper = text.toUpperCase();
  return NORMALIZED.has(upper) ? upper : text;
}

function urlOf(input: unknown): string {
  const url = new URL(String(input));
  if (url.username !== "" || url.password !== "")
    throw new TypeError("A request's URL must have no user name or password");
  return url.href;
}
