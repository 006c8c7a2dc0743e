import { WardianError } from "../../../errors.ts";
import { canonicalAddress } from "./address.ts";
import { headerProblem } from "./header-rules.ts";
import { DEFAULT_NETWORK_LIMITS, DEFAULT_REDIRECTS } from "./network-policy.ts";
import type { NetworkLimits } from "./network-policy.ts";
import { placeholderOf } from "./secrets.ts";
import type { Secret } from "./secrets.ts";
import type { UrlRule } from "./url-rules.ts";

/** A {@link NetworkPolicy}, checked, parsed and with its defaults. */
export interface ResolvedNetwork {
  readonly rules: readonly UrlRule[];
  readonly limits: NetworkLimits;
  readonly secrets: readonly Secret[];
  readonly redirects: number;
}

const NO_NETWORK: ResolvedNetwork = { rules: [], limits: DEFAULT_NETWORK_LIMITS, secrets: [], redirects: 0 };

const DEFAULT_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** More redirects than browsers follow (Fetch standard, HTTP-redirect fetch) are of no use. */
const MAX_REDIRECTS = 20;

const LIMIT_MAXIMUMS: ReadonlyMap<keyof NetworkLimits, number> = new Map([
  ["requests", 1_000_000],
  ["bytesUp", 2 ** 40],
  ["bytesDown", 2 ** 40],
  ["timeoutMs", 2 ** 31 - 1],
  ["concurrency", 1_000],
]);

/**
 * Checks the `network` option. Values of secrets never appear in a message.
 *
 * @throws TypeError, RangeError or WardianError "invalid-option" that names what is wrong.
 */
export function resolveNetwork(policy: unknown, action: string): ResolvedNetwork {
  if (policy === undefined) return NO_NETWORK;
  const { allow, limits, secrets, redirects } = fieldsOf(
    policy,
    ["allow", "limits", "secrets", "redirects"],
    action,
    "network",
  );
  if (!Array.isArray(allow))
    throw new TypeError(`${action}: network.allow must be an array of URLs or { url, methods, addresses }`);
  return {
    rules: allow.map((rule: unknown, index) => parseRule(rule, action, `network.allow[${index}]`)),
    limits: resolveLimits(limits, action),
    secrets: resolveSecrets(secrets, action),
    redirects:
      redirects === undefined ? DEFAULT_REDIRECTS : integer(redirects, 0, MAX_REDIRECTS, action, "network.redirects"),
  };
}

function parseRule(rule: unknown, action: string, where: string): UrlRule {
  if (typeof rule === "string") return parseUrlRule(rule, DEFAULT_METHODS, [], action, where);
  const { url, methods, addresses } = fieldsOf(rule, ["url", "methods", "addresses"], action, where);
  if (typeof url !== "string") throw new TypeError(`${action}: ${where}.url must be a string`);
  return parseUrlRule(
    url,
    parseMethods(methods, action, where),
    parseAddresses(addresses, action, where),
    action,
    where,
  );
}

function parseUrlRule(
  text: string,
  methods: ReadonlySet<string> | undefined,
  addresses: readonly string[],
  action: string,
  where: string,
): UrlRule {
  const url = parseUrl(text);
  const refuse = (why: string): WardianError =>
    new WardianError("invalid-option", `${action}: ${where} is "${clip(text)}": ${why}`);
  if (url === undefined) throw refuse("it is not a URL");
  const { protocol, hostname, pathname } = url;
  if (protocol !== "http:" && protocol !== "https:") throw refuse("its scheme must be http or https");
  if (url.username !== "" || url.password !== "")
    throw refuse("it must have no user name or password; use network.secrets");
  if (url.search !== "" || url.hash !== "" || text.includes("?") || text.includes("#"))
    throw refuse("it must end with its path; queries are not matched");
  if (hostname === "" || hostname.endsWith(".")) throw refuse("its host must be a name without a dot at its end");
  if (/%(?:2e|2f|5c|25|00)/i.test(pathname))
    throw refuse("its path must have no encoded dots, slashes or percent signs");
  const subdomains = hostname.startsWith("*.");
  const host = subdomains ? hostname.slice(2) : hostname;
  if (host.includes("*")) throw refuse('"*" may only stand for all subdomains, as in "https://*.example.com/"');
  if (subdomains && !host.includes(".")) throw refuse("a whole top-level domain is too much");
  return { text: clip(text), protocol, host, subdomains, port: url.port, path: pathname, methods, addresses };
}

function parseMethods(methods: unknown, action: string, where: string): ReadonlySet<string> | undefined {
  if (methods === undefined) return DEFAULT_METHODS;
  if (methods === "*") return undefined;
  if (!Array.isArray(methods) || methods.length === 0)
    throw new TypeError(`${action}: ${where}.methods must be a list of methods, or "*"`);
  for (const method of methods as unknown[]) {
    if (typeof method !== "string" || !/^[A-Z-]{1,20}$/.test(method))
      throw new WardianError("invalid-option", `${action}: ${where}.methods must be in capitals, such as "POST"`);
  }
  return new Set(methods as string[]);
}

function parseAddresses(addresses: unknown, action: string, where: string): readonly string[] {
  if (addresses === undefined) return [];
  if (!Array.isArray(addresses)) throw new TypeError(`${action}: ${where}.addresses must be a list of IP addresses`);
  return addresses.map((address: unknown) => {
    const canonical = typeof address === "string" ? canonicalAddress(address) : undefined;
    if (canonical === undefined)
      throw new WardianError("invalid-option", `${action}: ${where}.addresses must be a list of IP addresses`);
    return canonical;
  });
}

function resolveLimits(limits: unknown, action: string): NetworkLimits {
  if (limits === undefined) return DEFAULT_NETWORK_LIMITS;
  const given = fieldsOf(limits, [...LIMIT_MAXIMUMS.keys()], action, "network.limits");
  const resolved: { -readonly [K in keyof NetworkLimits]: number } = { ...DEFAULT_NETWORK_LIMITS };
  for (const [name, maximum] of LIMIT_MAXIMUMS) {
    const minimum = name === "timeoutMs" || name === "concurrency" ? 1 : 0;
    if (given[name] !== undefined)
      resolved[name] = integer(given[name], minimum, maximum, action, `network.limits.${name}`);
  }
  return resolved;
}

/** Environment variables in every language, and safe inside a placeholder. */
const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

function resolveSecrets(secrets: unknown, action: string): readonly Secret[] {
  if (secrets === undefined) return [];
  if (typeof secrets !== "object" || secrets === null || Array.isArray(secrets))
    throw new TypeError(`${action}: network.secrets must be an object of name → { value, hosts }`);
  return Object.entries(secrets).map(([name, secret]: [string, unknown]) => {
    const where = `network.secrets.${clip(name)}`;
    if (!SECRET_NAME.test(name))
      throw new WardianError("invalid-option", `${action}: ${where} must be named with letters, digits and "_"`);
    const { value, hosts, header } = fieldsOf(secret, ["value", "hosts", "header"], action, where);
    if (typeof value !== "string" || value === "")
      throw new TypeError(`${action}: ${where}.value must be a string that is not empty`);
    if (headerProblem("x-secret", value) !== undefined)
      throw new WardianError("invalid-option", `${action}: ${where}.value cannot be sent in a header`);
    if (!Array.isArray(hosts) || hosts.length === 0)
      throw new TypeError(`${action}: ${where}.hosts must be a list of hosts or origins`);
    if (header !== undefined && (typeof header !== "string" || headerProblem(header, "") !== undefined))
      throw new WardianError("invalid-option", `${action}: ${where}.header is not a header that may be set`);
    return {
      name,
      value,
      placeholder: placeholderOf(name),
      origins: new Set(hosts.map((host: unknown) => parseOrigin(host, action, where))),
      header: header === undefined ? undefined : header.toLowerCase(),
    };
  });
}

function parseOrigin(host: unknown, action: string, where: string): string {
  const url = typeof host === "string" ? parseUrl(host.includes("://") ? host : `https://${host}`) : undefined;
  if (
    url === undefined ||
    url.hostname === "" ||
    url.hostname.includes("*") ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.username !== "" ||
    !/^https?:$/.test(url.protocol)
  ) {
    throw new WardianError(
      "invalid-option",
      `${action}: ${where}.hosts must be hosts ("api.example.com") or origins ("http://127.0.0.1:8080")`,
    );
  }
  return url.origin;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(
  value: unknown,
  known: readonly string[],
  action: string,
  where: string,
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${action}: ${where} must be an object`);
  for (const name of Object.keys(value)) {
    if (!known.includes(name))
      throw new WardianError(
        "invalid-option",
        `${action}: ${where} has no option "${clip(name)}"; it has ${known.join(", ")}`,
      );
  }
  return value as Readonly<Record<string, unknown>>;
}

function integer(value: unknown, minimum: number, maximum: number, action: string, where: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(`${action}: ${where} must be an integer from ${minimum} to ${maximum}`);
  }
  return value;
}

function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
