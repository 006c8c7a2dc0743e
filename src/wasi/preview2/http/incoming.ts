import type { HttpCalls, HttpResponseMessage } from "../../../capabilities/network/http-calls.ts";
import { failWith } from "../host/failure.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import { InputStream } from "../io/input-stream.ts";
import { Pollable } from "../io/pollable.ts";
import { receivedFields } from "./fields.ts";
import type { Fields } from "./fields.ts";

/** `wasi:http/types.incoming-response`. */
export class IncomingResponse extends Resource {
  readonly #http: HttpCalls;
  readonly #message: HttpResponseMessage;
  #consumed = false;

  constructor(host: Preview2Host, http: HttpCalls, message: HttpResponseMessage) {
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
    if (this.#consumed) failWith(undefined);
    this.#consumed = true;
    return new IncomingBody(this.host, this.#http, this.#message.id);
  }

  override close(): void {
    if (!this.#consumed) this.#http.cancel(this.#message.id);
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
    return new InputStream(this.host, (into) => {
      const reply = this.#http.read(this.#id, into.length);
      if (reply.state === "end") return 0;
      if (reply.state !== "bytes") return "EIO";
      into.set(reply.bytes);
      return reply.bytes.length;
    });
  }

  static finish(body: IncomingBody): FutureTrailers {
    return new FutureTrailers(body.host);
  }

  override close(): void {
    this.#http.cancel(this.#id);
  }
}

guardMethods(IncomingBody);

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
}

guardMethods(FutureTrailers);
