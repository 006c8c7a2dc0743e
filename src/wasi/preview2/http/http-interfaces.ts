import { failWith } from "../host/failure.ts";
import { guardFunctions } from "../host/guard.ts";
import { NeverMade } from "../host/never-made.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { Interfaces } from "../interfaces.ts";
import { Fields } from "./fields.ts";
import { FutureIncomingResponse } from "./future-response.ts";
import { FutureTrailers, IncomingBody, IncomingResponse } from "./incoming.ts";
import { OutgoingBody, OutgoingRequest, RequestOptions } from "./outgoing.ts";

/** A sandbox answers no requests: these are there for worlds that name them, and none is ever made. */
class IncomingRequest extends NeverMade {}
class OutgoingResponse extends NeverMade {}
class ResponseOutparam extends NeverMade {}

/** `wasi:http`, outgoing: requests go through the sandbox's network policy. */
export function httpInterfaces(host: Preview2Host): Interfaces {
  // jco calls constructors and statics without a resource at hand, so these know their host.
  class OwnFields extends Fields {
    constructor() {
      super(host);
    }

    static fromList(entries: readonly (readonly [string, Uint8Array])[]): Fields {
      return Fields.of(host, entries);
    }

    /** Fields that were made here for a response count as the guest's own. */
    static override [Symbol.hasInstance](value: unknown): boolean {
      return Function.prototype[Symbol.hasInstance].call(Fields, value);
    }
  }
  class OwnOptions extends RequestOptions {
    constructor() {
      super(host);
    }
  }
  return {
    "wasi:http/types": {
      Fields: OwnFields,
      FutureIncomingResponse,
      FutureTrailers,
      IncomingBody,
      IncomingRequest,
      IncomingResponse,
      OutgoingBody,
      OutgoingRequest,
      OutgoingResponse,
      RequestOptions: OwnOptions,
      ResponseOutparam,
      ...guardFunctions(host, { httpErrorCode: () => undefined }),
    },
    "wasi:http/outgoing-handler": guardFunctions(
      host,
      {
        handle: (request: OutgoingRequest, options: RequestOptions | undefined) => {
          const parts = OutgoingRequest.parts(request);
          if (host.powers.http === undefined) {
            host.powers.denials?.note(`network.${parts.method}`, placeOf(parts.url), "no network was granted");
            failWith({ tag: "HTTP-request-denied" });
          }
          return new FutureIncomingResponse(host, parts, RequestOptions.timeoutMs(options));
        },
      },
      { tag: "HTTP-request-denied" },
    ),
  };
}

/** Origin and path of a URL, without its query: a guest may have put anything there. */
function placeOf(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
