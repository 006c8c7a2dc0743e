/** A header: name in lower case, value. A list, since names may come more than once. */
export type Header = readonly [name: string, value: string];

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Tab, visible ASCII, space, and bytes above it; CR, LF and NUL would start another header or request (RFC 9110, 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Headers that are the transport's own (framing, routing, connection state) or that a proxy would act on: a guest that
 * could set them could smuggle requests, reach another virtual host or pose as another client.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "accept-charset",
  "accept-encoding",
  "cf-connecting-ip",
  "connection",
  "content-length",
  "date",
  "dnt",
  "expect",
  "forwarded",
  "host",
  "http2-settings",
  "keep-alive",
  "origin",
  "te",
  "trailer",
  "transfer-encoding",
  "true-client-ip",
  "upgrade",
  "via",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-forwarded",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-url",
  "x-real-ip",
  "x-rewrite-url",
]);

const FORBIDDEN_PREFIXES = ["proxy-", "sec-", "x-forwarded-"];

export const MAX_HEADERS = 100;
/** All names and values of one request together, in characters. */
export const MAX_HEADER_TEXT = 32_768;

/** Why a request header cannot be sent, or undefined. */
export function headerProblem(name: string, value: string): string | undefined {
  if (name.length > 256 || !TOKEN.test(name)) return "the name of a header is not a token";
  const known = name.toLowerCase();
  // Gateways that hand headers on as variables (RFC 3875, 4.1.18) make one name of "-" and "_".
  const read = known.replaceAll("_", "-");
  if (FORBIDDEN.has(read) || FORBIDDEN_PREFIXES.some((prefix) => read.startsWith(prefix)))
    return `the header "${known}" is the host's to set`;
  if (!VALUE.test(value)) return `the value of the header "${known}" has characters that no header may have`;
  return undefined;
}

/** Methods are tokens; these three would open a tunnel or echo the headers (Fetch standard, forbidden method). */
export function methodProblem(method: string): string | undefined {
  if (method.length > 20 || !/^[A-Z-]+$/.test(method)) return "the method must be in capital letters";
  return method === "CONNECT" || method === "TRACE" || method === "TRACK"
    ? `the method ${method} is refused`
    : undefined;
}

/** Credentials that a redirect to another origin must not take along. */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "cookie2",
  "x-api-key",
  "x-auth-token",
]);

/** Request headers that describe a body; a redirect that drops the body drops them (Fetch standard, request-body-header name). */
export const BODY_HEADERS: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-language",
  "content-location",
  "content-type",
]);
