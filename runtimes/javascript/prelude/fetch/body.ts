/** What `Request` and `Response` have in common: Fetch standard, section 5.3, without blobs and form data. */
import { bytesOf } from "../encode-value.ts";
import { toText, toWellFormed } from "../intrinsics.ts";
import { encodeUtf8 } from "../native.ts";
import { ReadableStream } from "./readable-stream.ts";
import { decodeUtf8 } from "../web/utf8.ts";

/** A body before it is read: nothing, all of it, or a stream. */
export type BodySource = Uint8Array | ReadableStream | null;

/** The bytes and the media type of what was given as a body. */
export function extractBody(given: unknown): { readonly source: BodySource; readonly type: string | undefined } {
  if (given === undefined || given === null) return { source: null, type: undefined };
  if (given instanceof ReadableStream) return { source: given, type: undefined };
  if (given instanceof URLSearchParams)
    return { source: encode(given.toString()), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  const bytes = ArrayBuffer.isView(given)
    ? new Uint8Array(given.buffer as ArrayBuffer, given.byteOffset, given.byteLength)
    : bytesOf(given);
  if (bytes !== undefined) return { source: bytes.slice(), type: undefined };
  return { source: encode(toText(given)), type: "text/plain;charset=UTF-8" };
}

function encode(text: string): Uint8Array {
  return new Uint8Array(encodeUtf8(toWellFormed(text)));
}

const TAKE: unique symbol = Symbol("take");

export class Body {
  #source: BodySource;
  #used = false;

  constructor(source: BodySource) {
    this.#source = source;
  }

  get body(): ReadableStream | null {
    const source = this.#source;
    if (source instanceof Uint8Array) {
      this.#source = new ReadableStream({
        start(controller) {
          if (source.length > 0) controller.enqueue(source);
          controller.close();
        },
      });
    }
    return this.#source as ReadableStream | null;
  }

  get bodyUsed(): boolean {
    return this.#used || (this.#source instanceof ReadableStream && this.#source.locked);
  }

  async bytes(): Promise<Uint8Array> {
    return await collect(this[TAKE]());
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.bytes();
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  }
  async text(): Promise<string> {
    return decodeUtf8(await this.bytes(), false, false);
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  /** The body for somebody else to read; this one counts as used. */
  [TAKE](): BodySource {
    if (this.bodyUsed) throw new TypeError("The body was used before");
    this.#used = this.#source !== null;
    return this.#source;
  }

  /** A second one of the same content. */
  protected copyBody(): BodySource {
    if (this.bodyUsed) throw new TypeError("The body was used before");
    if (!(this.#source instanceof ReadableStream)) return this.#source;
    const [mine, other] = this.#source.tee();
    this.#source = mine;
    return other;
  }
}

export function takeBody(body: Body): BodySource {
  return body[TAKE]();
}

/** All bytes of a body. */
export async function collect(source: BodySource): Promise<Uint8Array> {
  if (source === null) return new Uint8Array(0);
  if (source instanceof Uint8Array) return source;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("A body's stream must give Uint8Array chunks");
    chunks.push(chunk);
    length += chunk.length;
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
