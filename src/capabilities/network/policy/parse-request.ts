import { headerProblem, MAX_HEADER_TEXT, MAX_HEADERS, methodProblem } from "./header-rules.ts";
import type { Header } from "./header-rules.ts";
import type { HttpRequestMessage } from "../http-calls.ts";

/** A guest's request, checked for form; no rule has been asked yet. */
export interface GuestRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array | undefined;
  readonly redirect: "follow" | "error" | "manual";
  readonly timeoutMs: number | undefined;
}

type HostileRequest = Readonly<Partial<Record<keyof HttpRequestMessage, unknown>>>;

const MAX_URL = 8_192;
const MAX_REQUEST_JSON = 262_144;

/** Parses what the guest sent. A string is what is wrong with it. */
export function parseRequest(json: string, body: Uint8Array): GuestRequest | string {
  if (json.length > MAX_REQUEST_JSON) return "the request is too long";
  const message = parseObject(json);
  if (message === undefined) return "the request is not a JSON object";
  const { url, method, headers, redirect, timeoutMs } = message;
  if (typeof url !== "string" || url.length > MAX_URL) return `the URL must be text of at most ${MAX_URL} characters`;
  // URL parsing drops tabs and line breaks without a word; whoever writes them means no good.
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f]/.test(url)) return "the URL has control characters";
  const parsed = parseUrl(url);
  if (parsed === undefined) return "the URL cannot be parsed";
  if (typeof method !== "string") return "the method must be text";
  const wrongMethod = methodProblem(method);
  if (wrongMethod !== undefined) return wrongMethod;
  const checked = parseHeaders(headers);
  if (typeof checked === "string") return checked;
  if (redirect !== "follow" && redirect !== "error" && redirect !== "manual")
    return 'redirect must be "follow", "error" or "manual"';
  if (body.length > 0 && (method === "GET" || method === "HEAD")) return `a ${method} request has no body`;
  if (timeoutMs !== undefined && (typeof timeoutMs !== "number" || !(timeoutMs > 0)))
    return "the timeout must be a positive number of milliseconds";
  parsed.hash = "";
  return { url: parsed, method, headers: checked, body: body.length > 0 ? body : undefined, redirect, timeoutMs };
}

function parseHeaders(headers: unknown): readonly Header[] | string {
  if (!Array.isArray(headers) || headers.length > MAX_HEADERS) return `there must be at most ${MAX_HEADERS} headers`;
  const checked: Header[] = [];
  let length = 0;
  for (const header of headers as unknown[]) {
    const [name, value] = Array.isArray(header) ? (header as unknown[]) : [];
    if (typeof name !== "string" || typeof value !== "string") return "headers must be pairs of text";
    length += name.length + value.length;
    if (length > MAX_HEADER_TEXT) return `the headers are longer than ${MAX_HEADER_TEXT} characters`;
    const problem = headerProblem(name, value);
    if (problem !== undefined) return problem;
    checked.push([name.toLowerCase(), value.replace(/^[\t ]+|[\t ]+$/g, "")]);
  }
  return checked;
}

function parseUrl(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/** The fields of an {@link HttpRequestMessage}, whatever they are. */
function parseObject(json: string): HostileRequest | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
