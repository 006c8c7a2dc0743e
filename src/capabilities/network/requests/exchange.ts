import { BODY_HEADERS, CREDENTIAL_HEADERS } from "../policy/header-rules.ts";
import type { Header } from "../policy/header-rules.ts";
import { HTTP_ERROR } from "../http-calls.ts";
import type { NetworkAccount } from "./network-account.ts";
import type { GuestRequest } from "../policy/parse-request.ts";
import type { ResolvedNetwork } from "../policy/resolve-network.ts";
import { fillSecrets, holdsSecret } from "../policy/secrets.ts";
import type { Secret } from "../policy/secrets.ts";
import type { TransportHead, TransportRequest } from "../transport/transport.ts";
import { findRule } from "../policy/url-rules.ts";

export type ExchangeEnd =
  | { readonly kind: "response"; readonly url: string; readonly redirected: boolean; readonly sent: readonly Secret[] }
  | { readonly kind: "refused"; readonly name: string; readonly message: string };

export type Exchange = Generator<TransportRequest, ExchangeEnd, TransportHead>;

/**
 * One request of the guest's with its redirects, without the sending: yields each hop once it is allowed, filled with
 * secrets and paid for, and is given the head of its response. So the blocking and the waiting transport share it.
 * Redirects are the Fetch standard's "HTTP-redirect fetch", with every hop checked as the first was.
 */
export function* exchange(network: ResolvedNetwork, request: GuestRequest, account: NetworkAccount): Exchange {
  const sent = new Set<Secret>();
  let { url, method, headers, body } = request;
  for (let hops = 0; ; hops++) {
    const verdict = findRule(network.rules, url, method);
    if (!verdict.allowed) return account.deny(method, url, verdict.rule, hops > 0);
    const filled = fillSecrets(network.secrets, url.origin, headers);
    if ("misdirected" in filled)
      return account.deny(method, url, `the secret ${filled.misdirected.name} is not for this host`, hops > 0);
    const overdrawn = account.payRequest(url, sizeOf(url, filled.headers, body));
    if (overdrawn !== undefined) return overdrawn;
    for (const secret of filled.used) sent.add(secret);
    // Also what went there in another request: a server may have kept it.
    for (const secret of network.secrets) if (secret.origins.has(url.origin)) sent.add(secret);
    const head = yield { url: url.href, method, headers: filled.headers, body, addresses: verdict.rule.addresses };
    const tooMuch = account.payBytesDown(url, sizeOfHead(head));
    if (tooMuch !== undefined) return tooMuch;

    const location = REDIRECTS.has(head.status) && request.redirect !== "manual" ? locationOf(head, url) : undefined;
    if (location === undefined) return { kind: "response", url: url.href, redirected: hops > 0, sent: [...sent] };
    if (request.redirect === "error") return failed("The request was redirected, which it must not be");
    if (typeof location === "string") return failed(location);
    if (hops >= network.redirects) return account.limit("redirects", url, `more than ${network.redirects} redirects`);
    if (location.origin !== url.origin) {
      headers = headers.filter(
        ([name, value]) => !CREDENTIAL_HEADERS.has(name.replaceAll("_", "-")) && !holdsSecret(network.secrets, value),
      );
    }
    if (becomesGet(head.status, method)) {
      method = "GET";
      body = undefined;
      headers = headers.filter(([name]) => !BODY_HEADERS.has(name));
    }
    url = location;
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** Where the response leads; undefined without a location, text if it is a bad one. */
function locationOf(head: TransportHead, from: URL): URL | string | undefined {
  const value = head.headers.find(([name]) => name === "location")?.[1];
  if (value === undefined) return undefined;
  try {
    const location = new URL(value, from);
    location.hash = "";
    return location;
  } catch {
    return "The redirect leads to something that is no URL";
  }
}

function failed(message: string): ExchangeEnd {
  return { kind: "refused", name: HTTP_ERROR.failed, message };
}

function sizeOf(url: URL, headers: readonly Header[], body: Uint8Array | undefined): number {
  return url.href.length + sizeOfHeaders(headers) + (body?.length ?? 0);
}

function sizeOfHead(head: TransportHead): number {
  return head.statusText.length + sizeOfHeaders(head.headers);
}

function sizeOfHeaders(headers: readonly Header[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}
