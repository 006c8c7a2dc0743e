import type { Header } from "../policy/header-rules.ts";
import { TransportError } from "./transport.ts";
import type { HttpTransport, TransportRequest, TransportResponse } from "./transport.ts";

/** What is asked of an injected `fetch`: the standard's, with these options. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A transport over a `fetch`. Redirects are not followed by it, so that each hop is checked; a browser hides where a
 * redirect leads, so there redirected requests fail. Names are resolved by whoever `fetch` belongs to: it cannot be
 * told which addresses are refused.
 */
export function fetchTransport(fetch: FetchFunction): HttpTransport {
  return {
    async send(request, signal): Promise<TransportResponse> {
      const response = await answered(fetch, request, signal);
      if (response.type === "opaqueredirect") throw new TransportError("opaque-redirect");
      const reader = response.body?.getReader();
      return {
        status: response.status,
        statusText: response.statusText,
        headers: headersOf(response.headers),
        async read(): Promise<Uint8Array | undefined> {
          if (reader === undefined) return undefined;
          try {
            const { done, value } = await reader.read();
            return done ? undefined : bytesOf(value);
          } catch (cause) {
            throw cause instanceof TransportError ? cause : new TransportError("connection", "", { cause });
          }
        },
        cancel(): void {
          reader?.cancel().catch(() => undefined);
        },
      };
    },
  };
}

async function answered(fetch: FetchFunction, request: TransportRequest, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(request.url, {
      method: request.method,
      headers: request.headers.map(([name, value]): [string, string] => [name, value]),
      ...(request.body === undefined ? {} : { body: new Uint8Array(request.body) }),
      redirect: "manual",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal,
    });
  } catch (cause) {
    throw cause instanceof TransportError ? cause : new TransportError("connection", "", { cause });
  }
}

/** Without what described the body before `fetch` took its compression off. */
function headersOf(headers: Headers): readonly Header[] {
  const list: Header[] = [];
  const decoded = headers.has("content-encoding");
  headers.forEach((value, name) => {
    if (!decoded || (name !== "content-encoding" && name !== "content-length")) list.push([name, value]);
  });
  return list;
}

/** The standard promises bytes; an injected stream may give anything. */
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TransportError("protocol", "the body is not bytes");
}
