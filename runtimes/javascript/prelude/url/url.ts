/** `URL`: WHATWG URL, section 6.1. */
import { toText } from "../intrinsics.ts";
import { encodePercent, isFragment, isUserinfo } from "./url-encode.ts";
import {
  encodeQuery,
  isSpecial,
  parseUrl,
  serializePath,
  serializeUrl,
  setHost,
  setPath,
  setPort,
} from "./url-parse.ts";
import type { UrlRecord } from "./url-parse.ts";
import { ON_CHANGE, RELOAD, URLSearchParams } from "./url-search-params.ts";

class URL {
  #url: UrlRecord;
  readonly #params: URLSearchParams = new URLSearchParams();

  constructor(input: unknown, base?: unknown) {
    const url = parse(input, base);
    if (url === undefined)
      throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: String(input) });
    this.#url = url;
    this.#params[RELOAD](url.query ?? "");
    this.#params[ON_CHANGE] = (query) => {
      this.#url.query = query === "" ? undefined : query;
    };
  }

  static canParse(input: unknown, base?: unknown): boolean {
    return parse(input, base) !== undefined;
  }

  static parse(input: unknown, base?: unknown): URL | null {
    return URL.canParse(input, base) ? new URL(input, base) : null;
  }

  get href(): string {
    return serializeUrl(this.#url);
  }
  set href(value: unknown) {
    const url = parseUrl(String(value), undefined);
    if (url === undefined)
      throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: String(value) });
    this.#url = url;
    this.#params[RELOAD](url.query ?? "");
  }

  get origin(): string {
    const { scheme, host, port } = this.#url;
    return isSpecial(this.#url) && scheme !== "file"
      ? `${scheme}://${host ?? ""}${port === undefined ? "" : `:${port}`}`
      : "null";
  }

  get protocol(): string {
    return `${this.#url.scheme}:`;
  }
  set protocol(value: unknown) {
    const scheme = /^([a-z][a-z\d+.-]*):?/i.exec(String(value))?.[1]?.toLowerCase();
    const url = this.#url;
    if (scheme === undefined || isSpecial({ scheme }) !== isSpecial(url)) return;
    if (scheme === "file" && (url.username !== "" || url.password !== "" || url.port !== undefined)) return;
    url.scheme = scheme;
    if (url.port !== undefined) setPort(url, String(url.port));
  }

  get username(): string {
    return this.#url.username;
  }
  set username(value: unknown) {
    if (this.#canHaveCredentials()) this.#url.username = encodePercent(String(value), isUserinfo);
  }

  get password(): string {
    return this.#url.password;
  }
  set password(value: unknown) {
    if (this.#canHaveCredentials()) this.#url.password = encodePercent(String(value), isUserinfo);
  }

  #canHaveCredentials(): boolean {
    const { host, scheme } = this.#url;
    return host !== undefined && host !== "" && scheme !== "file";
  }

  get host(): string {
    const { host, port } = this.#url;
    return `${host ?? ""}${port === undefined ? "" : `:${port}`}`;
  }
  set host(value: unknown) {
    if (typeof this.#url.path !== "string") setHost(this.#url, /^[^/?#\\]*/.exec(String(value))?.[0] ?? "");
  }

  get hostname(): string {
    return this.#url.host ?? "";
  }
  set hostname(value: unknown) {
    const name = /^(?:\[[^\]]*\]|[^:/?#\\]*)/.exec(String(value))?.[0] ?? "";
    if (typeof this.#url.path !== "string" && name !== "") setHost(this.#url, name);
  }

  get port(): string {
    return this.#url.port === undefined ? "" : String(this.#url.port);
  }
  set port(value: unknown) {
    const text = String(value);
    const digits = /^\d+/.exec(text)?.[0] ?? "";
    if (this.#canHaveCredentials() && (digits !== "" || text === "")) setPort(this.#url, digits);
  }

  get pathname(): string {
    return serializePath(this.#url);
  }
  set pathname(value: unknown) {
    if (typeof this.#url.path !== "string")
      setPath(this.#url, String(value).replaceAll("?", "%3F").replaceAll("#", "%23"), []);
  }

  get search(): string {
    const { query } = this.#url;
    return query === undefined || query === "" ? "" : `?${query}`;
  }
  set search(value: unknown) {
    const text = String(value).replace(/^\?/, "");
    this.#url.query = text === "" ? undefined : encodeQuery(this.#url, text.replaceAll("#", "%23"));
    this.#params[RELOAD](this.#url.query ?? "");
  }

  get searchParams(): URLSearchParams {
    return this.#params;
  }

  get hash(): string {
    const { fragment } = this.#url;
    return fragment === undefined || fragment === "" ? "" : `#${fragment}`;
  }
  set hash(value: unknown) {
    const text = String(value).replace(/^#/, "");
    this.#url.fragment = text === "" ? undefined : encodePercent(text, isFragment);
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }

  get [Symbol.toStringTag](): string {
    return "URL";
  }
}

function parse(input: unknown, base: unknown): UrlRecord | undefined {
  if (base === undefined) return parseUrl(String(input), undefined);
  const parsed = parseUrl(toText(base), undefined);
  return parsed === undefined ? undefined : parseUrl(String(input), parsed);
}

export function installUrl(define: (name: string, value: unknown) => void): void {
  for (const [name, type] of Object.entries({ URL, URLSearchParams })) {
    // The bundler renames classes that mention themselves.
    Object.defineProperty(type, "name", { value: name, configurable: true });
    define(name, type);
  }
}
