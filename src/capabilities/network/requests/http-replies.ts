import type { ToolReply } from "../../tools/tool-calls.ts";
import type { ExchangeEnd } from "./exchange.ts";
import type { HttpCall } from "./http-call.ts";
import { HTTP_ERROR } from "../http-calls.ts";
import type { HttpResponseMessage } from "../http-calls.ts";
import type { NetworkAccount } from "./network-account.ts";
import { maskText } from "../policy/secrets.ts";
import type { Secret } from "../policy/secrets.ts";
import { TransportError } from "../transport/transport.ts";
import type { TransportHead } from "../transport/transport.ts";

export const UNSUPPORTED = "There is no network on this host";
export const CANNOT_BLOCK =
  "This host cannot wait for a response: use await (wardian.http in Python) in a run that is not synchronous";

const FAILURES: Readonly<Record<Exclude<TransportError["failure"], "denied" | "timeout">, string>> = {
  "no-such-host": "The request failed: there is no host of this name",
  connection: "The request failed: no connection, or it broke",
  tls: "The request failed: the server's certificate or TLS is not acceptable",
  protocol: "The request failed: the server's response is not valid HTTP",
  "opaque-redirect": "The request failed: it was redirected, and this host cannot check where to",
  unsupported: UNSUPPORTED,
};

export function errorReply(name: string, message: string): Extract<ToolReply, { readonly state: "error" }> {
  return { state: "error", name, message };
}

/** For an exchange that is over before there is a response. */
export function refusal(end: ExchangeEnd): ToolReply {
  return end.kind === "refused"
    ? errorReply(end.name, end.message)
    : errorReply(HTTP_ERROR.failed, "The request came to nothing");
}

/** What the guest is told of an error on the way: texts of our own only. */
export function describeFailure(
  error: unknown,
  call: HttpCall,
  account: NetworkAccount,
): { readonly name: string; readonly message: string } {
  if (!(error instanceof TransportError)) return { name: HTTP_ERROR.failed, message: "The request failed" };
  const { failure, reason } = error;
  const url = new URL(call.hop.url);
  if (failure === "denied") return account.deny(call.hop.method, url, reason, false);
  if (failure !== "timeout") return { name: HTTP_ERROR.failed, message: FAILURES[failure] };
  if (!call.ownTimeout) return account.limit("timeoutMs", url, `${call.timeoutMs} ms for one request`);
  return { name: HTTP_ERROR.timeout, message: `The request took longer than ${call.timeoutMs} ms` };
}

const MAX_RESPONSE_HEADERS = 500;
const MAX_RESPONSE_HEADER_TEXT = 131_072;
const MAX_STATUS_TEXT = 500;

/** Refuses a head that is too large, before anything looks at it. */
export function boundedHead(head: TransportHead): TransportHead {
  const size = head.headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (head.headers.length > MAX_RESPONSE_HEADERS || size > MAX_RESPONSE_HEADER_TEXT)
    throw new TransportError("protocol", "too many headers");
  return head;
}

/** The head of a response as the guest gets it: masked, and only then cut, so that no part of a secret is left. */
export function headJson(
  secrets: readonly Secret[],
  id: number,
  end: Extract<ExchangeEnd, { readonly kind: "response" }>,
  head: TransportHead,
): string {
  const message: HttpResponseMessage = {
    id,
    url: maskText(secrets, end.url),
    redirected: end.redirected,
    status: head.status,
    statusText: maskText(secrets, head.statusText).slice(0, MAX_STATUS_TEXT),
    headers: head.headers.map(([name, value]) => [maskText(secrets, name), maskText(secrets, value)]),
  };
  return JSON.stringify(message);
}
