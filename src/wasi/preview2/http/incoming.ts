import type { HttpCalls, HttpResponseMessage } from "../../../capabilities/network/http-calls.ts";
import { WardianError } from "../../../errors.ts";
import { failWith } from "../host/failure.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { ResourceState } from "../host/resource-state.ts";
import { InputStream } from "../io/input-stream.ts";
import { Pollable } from "../io/pollable.ts";
import { receivedFields } from "./fields.ts";
import type { Fields } from "./fields.ts";

/** `wasi:http/types.incoming-response`. */
export class IncomingResponse extends Resource {
  readonly #http: HttpCalls | undefined;
  readonly #message: HttpResponseMessage;
  #consumed = false;

  constructor(host: Preview2Host, http: HttpCalls | undefined, message: HttpResponseMessage) {
    super(host);
    this.#http = http;
    this.#message = message;
  }

  status(): number {
    return this.#message.status;
  }

  headers(): Fields {
    return receivedFields(this.host, this.#message.headers);
  }

  consume(): IncomingBody {
    const http = this.#http;
    if (this.#consumed || http === undefined) return failWith(undefined);
    this.#consumed = true;
    return new IncomingBody(this.host, http, this.#message.id);
  }

  /** Status and headers, once the body was taken out of it. */
  override capture(): ResourceState {
    if (!this.#consumed) refuseCopy("response");
    const { status, headers } = this.#message;
    return { kind: "incoming-response", status, headers: headers.map(([name, value]) => [name, value]) };
  }

  override close(): void {
    if (!this.#consumed) this.#http?.cancel(this.#message.id);
  }

  /** One whose body was taken. */
  static consumed(host: Preview2Host, message: HttpResponseMessage): IncomingResponse {
    const response = new IncomingResponse(host, undefined, message);
    response.#consumed = true;
    return response;
  }
}

guardMethods(IncomingResponse);

/** `wasi:http/types.incoming-body`. */
export class IncomingBody extends Resource {
  readonly #http: HttpCalls;
  readonly #id: number;
  #streamed = false;

  constructor(host: Preview2Host, http: HttpCalls, id: number) {
    super(host);
    this.#http = http;
    this.#id = id;
  }

  stream(): InputStream {
    if (this.#streamed) failWith(undefined);
    this.#streamed = true;
    return new InputStream(this.host, {
      read: (into) => {
        const reply = this.#http.read(this.#id, into.length);
        if (reply.state === "end") return 0;
        if (reply.state !== "bytes") return "EIO";
        into.set(reply.bytes);
        return reply.bytes.length;
      },
      capture: () => refuseCopy("response's body"),
    });
  }

  static finish(body: IncomingBody): FutureTrailers {
    return new FutureTrailers(body.host);
  }

  override capture(): ResourceState {
    return refuseCopy("response's body");
  }

  override close(): void {
    this.#http.cancel(this.#id);
  }
}

guardMethods(IncomingBody);

/** Its bytes are on their way to this sandbox, and to no copy of it. */
function refuseCopy(what: string): never {
  throw new WardianError(
    "unsupported",
    `Cannot copy a component: an HTTP ${what} is open, which cannot be copied; have the component drop it first`,
  );
}

/** `wasi:http/types.future-trailers`: responses have none here. */
export class FutureTrailers extends Resource {
  #taken = false;

  subscribe(): Pollable {
    return new Pollable(this.host);
  }

  get(): unknown {
    if (this.#taken) return { tag: "err", val: undefined };
    this.#taken = true;
    return { tag: "ok", val: { tag: "ok", val: undefined } };
  }

  override capture(): ResourceState {
    return { kind: "future-trailers", taken: this.#taken };
  }

  static take(trailers: FutureTrailers): void {
    trailers.#taken = true;
  }
}

guardMethods(FutureTrailers);
