/** The URL record and its parser: WHATWG URL, section 4.4 ("basic URL parser"), without the state machine's overrides. */
import { encodePercent, isC0Control, isFragment, isPath, isQuery, isSpecialQuery, isUserinfo } from "./url-encode.ts";
import { parseHost } from "./url-host.ts";

export interface UrlRecord {
  scheme: string;
  username: string;
  password: string;
  /** Undefined: none (null in the standard). */
  host: string | undefined;
  port: number | undefined;
  /** A text is an opaque path. */
  path: string[] | string;
  query: string | undefined;
  fragment: string | undefined;
}

const DEFAULT_PORTS = new Map<string, number | undefined>([
  ["http", 80],
  ["https", 443],
  ["ws", 80],
  ["wss", 443],
  ["ftp", 21],
  ["file", undefined],
]);

export function isSpecial(url: Pick<UrlRecord, "scheme">): boolean {
  return DEFAULT_PORTS.has(url.scheme);
}

/** Undefined for a failure. */
export function parseUrl(input: string, base: UrlRecord | undefined): UrlRecord | undefined {
  // eslint-disable-next-line no-control-regex
  let rest = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, "").replace(/[\t\n\r]/g, "");
  let fragment: string | undefined;
  const hash = rest.indexOf("#");
  if (hash >= 0) {
    fragment = encodePercent(rest.slice(hash + 1), isFragment);
    rest = rest.slice(0, hash);
  }
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(rest)?.[1]?.toLowerCase();
  const url: UrlRecord = {
    scheme: scheme ?? base?.scheme ?? "",
    username: "",
    password: "",
    host: undefined,
    port: undefined,
    path: [],
    query: undefined,
    fragment,
  };
  if (scheme === undefined) return base === undefined ? undefined : parseRelative(url, rest, base);
  rest = rest.slice(scheme.length + 1);
  if (scheme === "file") return parseFile(url, rest, base?.scheme === "file" ? base : undefined);
  if (isSpecial(url)) {
    if (base?.scheme === scheme && !/^[/\\]{2}/.test(rest)) return parseRelative(url, rest, base);
    return parseAuthority(url, rest.replace(/^[/\\]+/, ""));
  }
  if (rest.startsWith("//")) return parseAuthority(url, rest.slice(2));
  if (rest.startsWith("/")) return parseTail(url, rest);
  const [path, query] = splitQuery(rest);
  url.path = encodePercent(path, isC0Control);
  url.query = query === undefined ? undefined : encodePercent(query, isQuery);
  return url;
}

function parseRelative(url: UrlRecord, rest: string, base: UrlRecord): UrlRecord | undefined {
  if (typeof base.path === "string") {
    if (rest !== "" || url.fragment === undefined) return undefined;
    return { ...base, fragment: url.fragment };
  }
  if (base.scheme === "file") return parseFile(url, rest, base);
  const slashes = isSpecial(url) ? /^[/\\]{2}/ : /^\/\//;
  if (slashes.test(rest)) return parseAuthority(url, isSpecial(url) ? rest.replace(/^[/\\]+/, "") : rest.slice(2));
  url.username = base.username;
  url.password = base.password;
  url.host = base.host;
  url.port = base.port;
  return parsePathOn(url, rest, base);
}

/** A path, query or nothing, relative to the path and query of `base`. */
function parsePathOn(url: UrlRecord, rest: string, base: UrlRecord): UrlRecord {
  const [path, query] = splitQuery(rest);
  if (path === "") {
    url.path = segmentsOf(base);
    url.query = query === undefined ? base.query : encodeQuery(url, query);
    return url;
  }
  const absolute = path.startsWith("/") || (isSpecial(url) && path.startsWith("\\"));
  const start = absolute ? [] : segmentsOf(base).slice(0, -1);
  setPath(url, path, start);
  url.query = query === undefined ? undefined : encodeQuery(url, query);
  return url;
}

function segmentsOf(url: UrlRecord): string[] {
  return typeof url.path === "string" ? [] : [...url.path];
}

function parseFile(url: UrlRecord, rest: string, base: UrlRecord | undefined): UrlRecord | undefined {
  url.host = "";
  if (/^[/\\]{2}/.test(rest)) {
    const end = rest.slice(2).search(/[/\\?]/);
    const authority = end < 0 ? rest.slice(2) : rest.slice(2, 2 + end);
    if (isDriveLetter(authority)) return parseTail(url, `/${rest.slice(2)}`);
    if (authority !== "") {
      const host = parseHost(authority, true);
      if (host === undefined) return undefined;
      url.host = host === "localhost" ? "" : host;
    }
    return parseTail(url, end < 0 ? "" : rest.slice(2 + end));
  }
  if (base === undefined) return parseTail(url, rest);
  url.host = base.host;
  return parsePathOn(url, rest, base);
}

function parseAuthority(url: UrlRecord, rest: string): UrlRecord | undefined {
  const end = rest.search(isSpecial(url) ? /[/\\?]/ : /[/?]/);
  let authority = end < 0 ? rest : rest.slice(0, end);
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    const credentials = authority.slice(0, at);
    authority = authority.slice(at + 1);
    if (authority === "") return undefined;
    const colon = credentials.indexOf(":");
    url.username = encodePercent(colon < 0 ? credentials : credentials.slice(0, colon), isUserinfo);
    url.password = colon < 0 ? "" : encodePercent(credentials.slice(colon + 1), isUserinfo);
  }
  return setHost(url, authority) ? parseTail(url, end < 0 ? "" : rest.slice(end)) : undefined;
}

/** Host and port from "host:port". Returns false, with nothing changed, for a failure. */
export function setHost(url: UrlRecord, text: string): boolean {
  const found = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(text);
  if (found === null) return false;
  const [, name = "", digits = ""] = found;
  if (name === "" && (isSpecial(url) || digits !== "" || text.endsWith(":"))) return false;
  const host = name === "" ? "" : parseHost(name, isSpecial(url));
  if (host === undefined || Number(digits) > 65_535) return false;
  url.host = host;
  if (digits !== "") setPort(url, digits);
  return true;
}

export function setPort(url: UrlRecord, digits: string): void {
  const port = Number(digits);
  if (digits === "") url.port = undefined;
  else if (port <= 65_535) url.port = port === DEFAULT_PORTS.get(url.scheme) ? undefined : port;
}

function parseTail(url: UrlRecord, rest: string): UrlRecord {
  const [path, query] = splitQuery(rest);
  if (path !== "" || isSpecial(url)) setPath(url, path, []);
  if (query !== undefined) url.query = encodeQuery(url, query);
  return url;
}

function splitQuery(text: string): [string, string | undefined] {
  const at = text.indexOf("?");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

export function encodeQuery(url: Pick<UrlRecord, "scheme">, query: string): string {
  return encodePercent(query, isSpecial(url) ? isSpecialQuery : isQuery);
}

/** The "path state": segments of `text` behind those of `start`. */
export function setPath(url: UrlRecord, text: string, start: string[]): void {
  const special = isSpecial(url);
  const segments = (special ? text.replaceAll("\\", "/") : text).split("/");
  if (segments[0] === "" && segments.length > 1) segments.shift();
  const path = start;
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (/^(?:\.|%2e){2}$/i.test(segment)) {
      if (!(url.scheme === "file" && path.length === 1 && isDriveLetter(path[0] ?? ""))) path.pop();
      if (last) path.push("");
    } else if (/^(?:\.|%2e)$/i.test(segment)) {
      if (last) path.push("");
    } else if (url.scheme === "file" && path.length === 0 && isDriveLetter(segment)) path.push(`${segment[0] ?? ""}:`);
    else path.push(encodePercent(segment, isPath));
  }
  url.path = path;
}

function isDriveLetter(text: string): boolean {
  return /^[a-z][:|]$/i.test(text);
}

export function serializePath(url: UrlRecord): string {
  return typeof url.path === "string" ? url.path : url.path.map((segment) => `/${segment}`).join("");
}

export function serializeUrl(url: UrlRecord): string {
  let text = `${url.scheme}:`;
  if (url.host !== undefined) {
    text += "//";
    if (url.username !== "" || url.password !== "")
      text += `${url.username}${url.password === "" ? "" : `:${url.password}`}@`;
    text += url.host;
    if (url.port !== undefined) text += `:${url.port}`;
  } else if (typeof url.path !== "string" && url.path.length > 1 && url.path[0] === "") text += "/.";
  text += serializePath(url);
  if (url.query !== undefined) text += `?${url.query}`;
  return url.fragment === undefined ? text : `${text}#${url.fragment}`;
}
