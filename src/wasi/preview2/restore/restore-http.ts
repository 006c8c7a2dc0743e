import { isFailure } from "../host/failure.ts";
import { Fields } from "../http/fields.ts";
import { FutureIncomingResponse } from "../http/future-response.ts";
import { FutureTrailers, IncomingResponse } from "../http/incoming.ts";
import { OutgoingBody, OutgoingRequest, RequestOptions } from "../http/outgoing.ts";
import type { NamedVariant } from "../http/outgoing.ts";
import { fieldsOf, isOptionalText, isPosition } from "./restorer.ts";
import type { Restorer } from "./restorer.ts";

/** What is made goes through the checks that a guest's own calls go through, so that no other request can come of it. */
function checked(make: Restorer): Restorer {
  return (host, state, at) => {
    try {
      return make(host, state, at);
    } catch (error) {
      if (isFailure(error)) return undefined;
      throw error;
    }
  };
}

export const restoreFields: Restorer = checked((host, { entries, immutable }) => {
  if (!Array.isArray(entries)) return undefined;
  const pairs = (entries as unknown[]).map((entry) => (Array.isArray(entry) ? (entry as unknown[]) : []));
  if (!pairs.every(([name, value]) => typeof name === "string" && value instanceof Uint8Array)) return undefined;
  const fields = Fields.of(host, pairs as unknown as readonly (readonly [string, Uint8Array])[]);
  return immutable === true ? Fields.freeze(fields) : fields;
});

export const restoreOutgoingBody: Restorer = (host, { content, written }) => {
  const body = new OutgoingBody(host);
  return content instanceof Uint8Array && OutgoingBody.fill(body, content, written === true) ? body : undefined;
};

export const restoreOutgoingRequest: Restorer = checked((_host, state, at) => {
  const { path, authority } = state;
  const headers = at(state["headers"]);
  const method = variantOf(state["method"]);
  const scheme = state["scheme"] === undefined ? undefined : variantOf(state["scheme"]);
  if (!(headers instanceof Fields) || method === undefined || (state["scheme"] !== undefined && scheme === undefined))
    return undefined;
  if (!isOptionalText(path) || !isOptionalText(authority)) return undefined;
  const request = new OutgoingRequest(headers);
  request.setMethod(method);
  request.setPathWithQuery(path);
  request.setScheme(scheme);
  request.setAuthority(authority);
  if (state["body"] === undefined) return request;
  const body = at(state["body"]);
  if (!(body instanceof OutgoingBody)) return undefined;
  OutgoingRequest.addBody(request, body);
  return request;
});

export const restoreRequestOptions: Restorer = (host, state) => {
  const durations = [state["connect"], state["firstByte"], state["betweenBytes"]];
  if (!durations.every((text) => text === undefined || (typeof text === "string" && /^\d{1,20}$/.test(text))))
    return undefined;
  const [connect, firstByte, betweenBytes] = durations.map((text) =>
    text === undefined ? undefined : BigInt(text as string),
  );
  const options = new RequestOptions(host);
  options.setConnectTimeout(connect);
  options.setFirstByteTimeout(firstByte);
  options.setBetweenBytesTimeout(betweenBytes);
  return options;
};

export const restoreFutureResponse: Restorer = (host, state, at) => {
  const { method, url, headers, timeoutMs, taken } = state;
  const pairs = headerPairs(headers);
  if (typeof method !== "string" || typeof url !== "string" || pairs === undefined) return undefined;
  if (!(timeoutMs === undefined || (typeof timeoutMs === "number" && timeoutMs > 0))) return undefined;
  const body = state["body"] === undefined ? undefined : at(state["body"]);
  if (!(body instanceof OutgoingBody) && state["body"] !== undefined) return undefined;
  // The network's own rules look at all of it when it is sent.
  const parts = { method, url, headers: pairs, body: body instanceof OutgoingBody ? body : undefined };
  const future = new FutureIncomingResponse(host, parts, timeoutMs);
  if (taken === true) FutureIncomingResponse.take(future);
  return future;
};

export const restoreIncomingResponse: Restorer = (host, { status, headers }) => {
  const pairs = headerPairs(headers);
  if (!isPosition(status) || status > 999 || pairs === undefined) return undefined;
  return IncomingResponse.consumed(host, {
    id: 0,
    url: "",
    redirected: false,
    status,
    statusText: "",
    headers: pairs,
  });
};

export const restoreFutureTrailers: Restorer = (host, { taken }) => {
  const trailers = new FutureTrailers(host);
  if (taken === true) FutureTrailers.take(trailers);
  return trailers;
};

function variantOf(value: unknown): NamedVariant | undefined {
  const { tag, val } = fieldsOf(value);
  if (typeof tag !== "string" || !isOptionalText(val)) return undefined;
  return val === undefined ? { tag } : { tag, val };
}

function headerPairs(value: unknown): readonly (readonly [string, string])[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const pairs = (value as unknown[]).map((pair) => (Array.isArray(pair) ? (pair as unknown[]) : []));
  return pairs.every(([name, text]) => typeof name === "string" && typeof text === "string")
    ? (pairs as unknown as readonly (readonly [string, string])[])
    : undefined;
}
