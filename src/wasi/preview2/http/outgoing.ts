import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { failWith } from "../host/failure.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { NumberOf, ResourceState } from "../host/resource-state.ts";
import { OutputStream } from "../io/output-stream.ts";
import type { ByteSink } from "../io/output-stream.ts";
import { Fields } from "./fields.ts";

/** `method` and `scheme`: variants whose plain cases have no value. */
export interface NamedVariant {
  readonly tag: string;
  readonly val?: string;
}

/** Bytes of a request's body, which is kept until it is sent. */
const MAX_BODY_BYTES = 16 * 2 ** 20;

/** `wasi:http/types.outgoing-body`. */
export class OutgoingBody extends Resource {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  #written = false;

  write(): OutputStream {
    if (this.#written) failWith(undefined);
    this.#written = true;
    return new OutputStream(this.host, OutgoingBody.sink(this));
  }

  override capture(): ResourceState {
    return { kind: "outgoing-body", content: OutgoingBody.content(this), written: this.#written };
  }

  static sink(body: OutgoingBody): ByteSink {
    return {
      write: (bytes) => OutgoingBody.put(body, bytes),
      capture: (number) => ({ kind: "body", body: number(body) }),
    };
  }

  static put(body: OutgoingBody, bytes: Uint8Array): FileResult<number> {
    if (body.#length + bytes.length > MAX_BODY_BYTES) return "EFBIG";
    body.#pieces.push(bytes.slice());
    body.#length += bytes.length;
    return bytes.length;
  }

  /** One with content, whose stream was taken. False: that is too much. */
  static fill(body: OutgoingBody, content: Uint8Array, written: boolean): boolean {
    body.#written = written;
    return OutgoingBody.put(body, content) !== "EFBIG";
  }

  /** The guest has written all of it. Trailers are not sent. */
  static finish(_body: OutgoingBody): void {}

  static content(body: OutgoingBody): Uint8Array {
    const bytes = new Uint8Array(body.#length);
    let at = 0;
    for (const piece of body.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

guardMethods(OutgoingBody);

/** What a request is made of, once the guest hands it over. */
export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: OutgoingBody | undefined;
}

/** `wasi:http/types.outgoing-request`. */
export class OutgoingRequest extends Resource {
  readonly #headers: Fields;
  #method: NamedVariant = { tag: "get" };
  #path: string | undefined;
  #scheme: NamedVariant | undefined;
  #authority: string | undefined;
  #body: OutgoingBody | undefined;

  constructor(headers: Fields) {
    super(headers.host);
    this.#headers = Fields.freeze(headers);
  }

  body(): OutgoingBody {
    if (this.#body !== undefined) failWith(undefined);
    this.#body = new OutgoingBody(this.host);
    return this.#body;
  }

  method(): NamedVariant {
    return this.#method;
  }

  setMethod(method: NamedVariant): void {
    if (method.tag === "other" && !/^[A-Z]{1,32}$/.test(method.val ?? "")) failWith(undefined);
    this.#method = method;
  }

  pathWithQuery(): string | undefined {
    return this.#path;
  }

  setPathWithQuery(path: string | undefined): void {
    if (path !== undefined && /[\s#]/.test(path)) failWith(undefined);
    this.#path = path;
  }

  scheme(): NamedVariant | undefined {
    return this.#scheme;
  }

  setScheme(scheme: NamedVariant | undefined): void {
    this.#scheme = scheme;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    // A user name or path in it would make another URL of the parts than the guest's own.
    if (authority !== undefined && /[\s/?#@\\]/.test(authority)) failWith(undefined);
    this.#authority = authority;
  }

  headers(): Fields {
    return this.#headers;
  }

  override capture(number: NumberOf): ResourceState {
    return {
      kind: "outgoing-request",
      headers: number(this.#headers),
      body: this.#body && number(this.#body),
      method: { ...this.#method },
      path: this.#path,
      scheme: this.#scheme && { ...this.#scheme },
      authority: this.#authority,
    };
  }

  static addBody(request: OutgoingRequest, body: OutgoingBody): void {
    request.#body = body;
  }

  static parts(request: OutgoingRequest): RequestParts {
    const scheme = request.#scheme?.tag === "HTTP" ? "http" : "https";
    const path = request.#path ?? "/";
    return {
      method: request.#method.tag === "other" ? (request.#method.val ?? "") : request.#method.tag.toUpperCase(),
      url: `${scheme}://${request.#authority ?? ""}${path.startsWith("/") ? path : `/${path}`}`,
      headers: Fields.pairs(request.#headers),
      body: request.#body,
    };
  }
}

guardMethods(OutgoingRequest);

/** `wasi:http/types.request-options`: the sandbox's own deadline holds beside them. */
export class RequestOptions extends Resource {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration;
  }

  override capture(): ResourceState {
    const text = (duration: bigint | undefined): string | undefined => duration?.toString();
    return {
      kind: "request-options",
      connect: text(this.#connect),
      firstByte: text(this.#firstByte),
      betweenBytes: text(this.#betweenBytes),
    };
  }

  /** The longest that the guest itself would wait for the head, in milliseconds. */
  static timeoutMs(options: RequestOptions | undefined): number | undefined {
    if (options === undefined) return undefined;
    const ns = options.#firstByte ?? options.#connect;
    return ns === undefined || ns === 0n ? undefined : Number(ns) / 1e6;
  }
}

guardMethods(RequestOptions);
