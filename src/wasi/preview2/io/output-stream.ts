import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { failWith } from "../host/failure.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { NumberOf, ResourceState } from "../host/resource-state.ts";
import { CLOSED, failOperation, InputStream } from "./input-stream.ts";
import { Pollable } from "./pollable.ts";

/** Where the bytes of a stream go. */
export interface ByteSink {
  /** May take fewer than it is given, but one at least. */
  write(from: Uint8Array): FileResult<number>;
  capture(number: NumberOf): ResourceState;
  /** Called when the stream is dropped. */
  close?(): void;
}

/** What a guest may write at once. */
const PERMIT_BYTES = 65_536;

/** Lifting, copying and keeping a byte. */
const BYTE_UNITS = 4;

/** `wasi:io/streams.output-stream`. What is written is taken at once, so that nothing is ever left to be flushed. */
export class OutputStream extends Resource {
  readonly #sink: ByteSink;

  constructor(host: Preview2Host, sink: ByteSink) {
    super(host);
    this.#sink = sink;
  }

  checkWrite(): bigint {
    return BigInt(PERMIT_BYTES);
  }

  write(contents: Uint8Array): void {
    OutputStream.put(this, contents);
  }

  blockingWriteAndFlush(contents: Uint8Array): void {
    OutputStream.put(this, contents);
  }

  flush(): void {}

  blockingFlush(): void {}

  subscribe(): Pollable {
    return new Pollable(this.host);
  }

  writeZeroes(length: bigint): void {
    OutputStream.putZeroes(this, length);
  }

  blockingWriteZeroesAndFlush(length: bigint): void {
    OutputStream.putZeroes(this, length);
  }

  splice(source: InputStream, length: bigint): bigint {
    return OutputStream.move(this, source, length);
  }

  blockingSplice(source: InputStream, length: bigint): bigint {
    return OutputStream.move(this, source, length);
  }

  override capture(number: NumberOf): ResourceState {
    return { kind: "output-stream", to: this.#sink.capture(number) };
  }

  override close(): void {
    this.#sink.close?.();
  }

  static put(stream: OutputStream, contents: Uint8Array): void {
    const { host } = stream;
    for (let at = 0; at < contents.length;) {
      const piece = contents.subarray(at, at + PERMIT_BYTES);
      if (!host.fuel.charge(piece.length * BYTE_UNITS)) failWith(CLOSED);
      const count = stream.#sink.write(piece);
      if (typeof count === "string") failOperation(host, count);
      if (count === 0) failOperation(host, "EIO");
      at += count;
    }
  }

  /** More than was permitted is the guest's mistake, and would be the host's work. */
  static putZeroes(stream: OutputStream, length: bigint): void {
    if (length > PERMIT_BYTES) failOperation(stream.host, "EINVAL");
    OutputStream.put(stream, new Uint8Array(Number(length)));
  }

  static move(stream: OutputStream, source: InputStream, length: bigint): bigint {
    const bytes = InputStream.take(source, length < PERMIT_BYTES ? length : BigInt(PERMIT_BYTES));
    OutputStream.put(stream, bytes);
    return BigInt(bytes.length);
  }
}

guardMethods(OutputStream, CLOSED);
