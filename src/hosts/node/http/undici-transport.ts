import type { LookupFunction } from "node:net";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import type * as Undici from "undici";
import type { Dispatcher } from "undici";
import type { Header } from "../../../capabilities/network/policy/header-rules.ts";
import { TransportError } from "../../../capabilities/network/transport/transport.ts";
import type {
  TransportFailure,
  TransportRequest,
  TransportResponse,
} from "../../../capabilities/network/transport/transport.ts";
import { resolveChecked } from "./resolve-checked.ts";
import type { PinnedAddress, Resolve } from "./resolve-checked.ts";

/** undici's own header limit; Node's is the same. */
const MAX_HEADER_BYTES = 16_384;

/**
 * Sends one request with undici: resolves and checks the name first, connects only to what was checked, over a
 * connection of its own that ends with the response. No proxy of the environment, no cookies, no redirects.
 */
export async function sendWithUndici(
  request: TransportRequest,
  signal: AbortSignal,
  resolve: Resolve,
  ca?: readonly string[],
): Promise<TransportResponse> {
  // Loaded with the first request: most sandboxes have no network.
  const { Agent } = await loadUndici();
  const { hostname } = new URL(request.url);
  const pinned = await resolveChecked(hostname, request.addresses, resolve);
  signal.throwIfAborted();
  const agent = new Agent({
    // NODE_TLS_REJECT_UNAUTHORIZED is not for guests' requests.
    connect: {
      lookup: pinnedLookup(pinned),
      timeout: 0,
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca: [...ca] }),
    },
    maxHeaderSize: MAX_HEADER_BYTES,
    // The caller's signal ends what takes too long.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 0,
  });
  const stop = (): void => void agent.destroy().catch(() => undefined);
  try {
    const response = await agent.request({
      origin: new URL(request.url).origin,
      path: pathOf(request.url),
      method: request.method,
      headers: withDefaults(request.headers).flat(),
      body: request.body ?? null,
      signal,
      responseHeaders: "raw",
    });
    return responseOf(response, request, stop);
  } catch (error) {
    stop();
    throw failureOf(error);
  }
}

/** Loads undici, which a run's first request would otherwise wait for. */
export async function loadUndici(): Promise<typeof Undici> {
  try {
    return await import("undici");
  } catch (cause) {
    throw new TransportError("unsupported", "", { cause });
  }
}

/** undici writes the path as it is given: only what URL parsing has made of it. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function withDefaults(headers: readonly Header[]): readonly [string, string][] {
  const own: [string, string][] = [
    ["accept-encoding", "gzip, deflate, br"],
    ["connection", "close"],
  ];
  if (!headers.some(([name]) => name === "accept")) own.push(["accept", "*/*"]);
  if (!headers.some(([name]) => name === "user-agent")) own.push(["user-agent", "wardian"]);
  return [...headers.map(([name, value]): [string, string] => [name, value]), ...own];
}

/** Answers every look-up of this connection with the addresses that were checked: a name that changes has no effect. */
function pinnedLookup(pinned: readonly PinnedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = pinned;
    if (options.all === true)
      callback(
        null,
        pinned.map(({ address, family }) => ({ address, family })),
      );
    else if (first === undefined) callback(new Error("no address"), "", 4);
    else callback(null, first.address, first.family);
  };
}

function responseOf(response: Dispatcher.ResponseData, request: TransportRequest, stop: () => void): TransportResponse {
  const raw = headersOf(response.headers);
  const encodings = request.method === "HEAD" ? [] : encodingsOf(raw);
  const body = decoded(response.body, encodings);
  const headers =
    body === response.body ? raw : raw.filter(([name]) => name !== "content-encoding" && name !== "content-length");
  const pieces = body[Symbol.asyncIterator]();
  return {
    status: response.statusCode,
    statusText: (response as { readonly statusText?: string }).statusText ?? "",
    headers,
    async read(): Promise<Uint8Array | undefined> {
      try {
        const { done, value } = await pieces.next();
        if (done !== true) return new Uint8Array(value as Uint8Array);
      } catch (error) {
        stop();
        throw failureOf(error);
      }
      stop();
      return undefined;
    },
    cancel(): void {
      // Nobody listens any more: the error that destroying makes must not become an uncaught one.
      body.on("error", ignore);
      response.body.on("error", ignore);
      body.destroy();
      stop();
    },
  };
}

function ignore(): void {
  // See above.
}

/** Raw headers come as a flat list of names and values, as bytes or text. */
function headersOf(raw: unknown): readonly Header[] {
  if (!Array.isArray(raw))
    return Object.entries(raw as Record<string, string | string[]>).flatMap(([name, value]) =>
      [value].flat().map((one): Header => [name, one]),
    );
  const headers: Header[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2)
    headers.push([textOf(raw[index]).toLowerCase(), textOf(raw[index + 1])]);
  return headers;
}

function textOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString("latin1") : String(value);
}

function encodingsOf(headers: readonly Header[]): readonly string[] {
  const value = headers
    .filter(([name]) => name === "content-encoding")
    .map(([, text]) => text)
    .join(",");
  const encodings = value
    .split(",")
    .map((text) => text.trim().toLowerCase())
    .filter((text) => text !== "" && text !== "identity");
  if (encodings.length > MAX_ENCODINGS) throw new TransportError("protocol", "too many content encodings");
  return encodings;
}

/** Each layer multiplies what a bomb can do; nobody uses more than one. */
const MAX_ENCODINGS = 2;

function decoded(body: Readable, encodings: readonly string[]): Readable {
  const streams: Readable[] = [body];
  for (const encoding of encodings.toReversed()) {
    const decoder = decoderOf(encoding);
    // An encoding that was not asked for: the bytes as they are.
    if (decoder === undefined) return body;
    const before = streams.at(-1);
    // Errors reach the last stream, where they are read.
    if (before !== undefined) pipeline(before, decoder, ignore);
    streams.push(decoder);
  }
  return streams.at(-1) ?? body;
}

function decoderOf(
  encoding: string,
):
  | ReturnType<typeof createGunzip>
  | ReturnType<typeof createInflate>
  | ReturnType<typeof createBrotliDecompress>
  | undefined {
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return undefined;
  }
}

/** Codes of sockets, TLS and undici, as kinds of failure. */
function failureOf(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const failure: TransportFailure = TLS.test(code) ? "tls" : PROTOCOL.test(code) ? "protocol" : "connection";
  return new TransportError(failure, "", { cause: error });
}

const TLS = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/;
const PROTOCOL =
  /^(HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_(?!CONTENT_LENGTH)|UND_ERR_RESPONSE|Z_|ERR_STREAM_PREMATURE|ERR__ERROR_|ERR_BROTLI)/;
