/**
 * What a guest may reach: data only, so that it can be kept as JSON. Everything that no rule allows is denied.
 *
 * @example
 * ```ts
 * const network: NetworkPolicy = {
 *   allow: ["https://api.example.com/v1/", { url: "https://*.example.org/", methods: ["GET", "POST"] }],
 *   limits: { requests: 20 },
 *   secrets: { API_TOKEN: { value: "…", hosts: ["api.example.com"] } },
 * };
 * ```
 */
export interface NetworkPolicy {
  /** A string is a rule with the default methods. Default: nothing. */
  readonly allow: readonly (string | NetworkRule)[];
  readonly limits?: { readonly [K in keyof NetworkLimits]?: number | undefined } | undefined;
  /** By name; the guest finds a placeholder in the environment variable of that name. Default: none. */
  readonly secrets?: Readonly<Record<string, NetworkSecret>> | undefined;
  /** Redirects that one request follows at most, each checked like a request. Default 5; 0: none. */
  readonly redirects?: number | undefined;
}

export interface NetworkRule {
  /**
   * Scheme, host, port and path prefix: "https://api.example.com/v1/". The host is exact, or "*." and a domain for
   * all names below it. A path matches on segment borders: "/v1" allows "/v1" and "/v1/x", never "/v1evil".
   * An IP address as host is allowed as it stands, private ones too.
   */
  readonly url: string;
  /** In capitals, or "*" for every method. Default: GET and HEAD. */
  readonly methods?: readonly string[] | "*" | undefined;
  /** Private or otherwise special addresses that the host's name may have. Default: none, a name must have public ones only. */
  readonly addresses?: readonly string[] | undefined;
}

/** A credential that the host adds; the guest never sees it. */
export interface NetworkSecret {
  readonly value: string;
  /** Where it may go: a host ("api.example.com", over https on its usual port only) or an origin ("http://127.0.0.1:8080"). */
  readonly hosts: readonly string[];
  /** Sets this header on every request to those hosts. Default: the placeholder is replaced in the guest's own header values. */
  readonly header?: string | undefined;
}

/**
 * The budgets of one run. Over one of them the guest sees an error that it can catch (JavaScript: a TypeError from
 * `fetch`; Python: `wardian.HttpError`, an OSError), the caller a denial; the sandbox lives on. Nothing overshoots but
 * `timeoutMs`, by a turn of the event loop.
 */
export interface NetworkLimits {
  /** Requests, redirects included. Default 100. */
  readonly requests: number;
  /** Bytes of request bodies and headers. Default 10 MiB. */
  readonly bytesUp: number;
  /** Bytes of response bodies after decompression, and of headers. Default 50 MiB. */
  readonly bytesDown: number;
  /** Milliseconds that one request may take, from its start to the end of its body. Default 30,000; the run's own deadline holds beside it. */
  readonly timeoutMs: number;
  /** Requests in progress at once; more of them wait their turn. Default 6. */
  readonly concurrency: number;
}

export const DEFAULT_NETWORK_LIMITS: NetworkLimits = Object.freeze({
  requests: 100,
  bytesUp: 10 * 2 ** 20,
  bytesDown: 50 * 2 ** 20,
  timeoutMs: 30_000,
  concurrency: 6,
});

export const DEFAULT_REDIRECTS = 5;
