import { isAddress } from "./address.ts";

/** A rule of the allow-list, parsed. */
export interface UrlRule {
  /** As the caller wrote it: what a denial names. */
  readonly text: string;
  readonly protocol: "http:" | "https:";
  /** Exact host, or the domain whose subdomains are meant. */
  readonly host: string;
  readonly subdomains: boolean;
  /** Empty for the scheme's own. */
  readonly port: string;
  readonly path: string;
  /** Undefined: every method. */
  readonly methods: ReadonlySet<string> | undefined;
  /** Special addresses that the name may have, in canonical form. */
  readonly addresses: readonly string[];
}

/** What the allow-list says of one request. */
export type Verdict =
  | { readonly allowed: true; readonly rule: UrlRule }
  | { readonly allowed: false; readonly rule: string };

/** Whether a URL can be asked for at all, before any rule: a reason if not. */
export function unusableUrl(url: URL): string | undefined {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `the scheme "${url.protocol.slice(0, 20)}" is not http or https`;
  if (url.username !== "" || url.password !== "") return "URLs with user name or password are refused";
  if (url.hostname === "" || url.hostname.endsWith(".")) return "the host must be a name without a dot at its end";
  return undefined;
}

/** Looks a request up in the allow-list. `url` is WHATWG-parsed: nothing here looks at the text that it was made from. */
export function findRule(rules: readonly UrlRule[], url: URL, method: string): Verdict {
  const unusable = unusableUrl(url);
  if (unusable !== undefined) return { allowed: false, rule: unusable };
  let nearest = "no rule names this host";
  let rank = 0;
  const miss = (at: number, why: string): void => {
    if (at > rank) [rank, nearest] = [at, why];
  };
  for (const rule of rules) {
    if (!hostMatches(rule, url.hostname)) continue;
    if (rule.protocol !== url.protocol || rule.port !== url.port)
      miss(1, `"${rule.text}" is for another scheme or port`);
    else if (!pathMatches(rule.path, url.pathname)) miss(2, `"${rule.text}" is for another path`);
    else if (rule.methods !== undefined && !rule.methods.has(method))
      miss(3, `"${rule.text}" is for ${[...rule.methods].join(", ")} only`);
    else return { allowed: true, rule };
  }
  return { allowed: false, rule: nearest };
}

function hostMatches(rule: UrlRule, host: string): boolean {
  if (!rule.subdomains) return rule.host === host;
  return !isAddress(host) && host.length > rule.host.length + 1 && host.endsWith(`.${rule.host}`);
}

/**
 * Servers differ in what they make of encoded dots, slashes and backslashes, of NUL, and of ";" behind dots: a path
 * that could climb out of the prefix under any of these readings is not below it.
 */
const AMBIGUOUS = /%(?:25)*(?:2e|2f|5c|00)|\/\.{1,2};/i;

function pathMatches(prefix: string, path: string): boolean {
  if (prefix === "/") return true;
  if (AMBIGUOUS.test(path)) return false;
  if (prefix.endsWith("/")) return path.startsWith(prefix);
  return path === prefix || path.startsWith(`${prefix}/`);
}
