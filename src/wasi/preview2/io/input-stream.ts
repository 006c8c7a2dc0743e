import type { Errno, FileResult } from "../../../capabilities/files/file-system.ts";
import { failWith } from "../host/failure.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { NumberOf, ResourceState } from "../host/resource-state.ts";
import { IoError } from "./io-error.ts";
import { Pollable } from "./pollable.ts";

/** Where the bytes of a stream come from. */
export interface ByteSource {
  /** 0 is the end. */
  read(into: Uint8Array): FileResult<number>;
  capture(number: NumberOf): ResourceState;
  /** Called when the stream is dropped. */
  close?(): void;
}

/** The most that one read gives: the length is the guest's to choose, and the bytes are allocated here. */
const MAX_READ_BYTES = 2 ** 20;

/** Allocating, copying and lifting a byte. */
const BYTE_UNITS = 4;

/** `wasi:io/streams.input-stream`. Everything is there from the start, so that no read ever blocks. */
export class InputStream extends Resource {
  readonly #source: ByteSource;

  constructor(host: Preview2Host, source: ByteSource) {
    super(host);
    this.#source = source;
  }

  read(length: bigint): Uint8Array {
    return InputStream.take(this, length);
  }

  blockingRead(length: bigint): Uint8Array {
    return InputStream.take(this, length);
  }

  skip(length: bigint): bigint {
    return BigInt(InputStream.take(this, length).length);
  }

  blockingSkip(length: bigint): bigint {
    return BigInt(InputStream.take(this, length).length);
  }

  subscribe(): Pollable {
    return new Pollable(this.host);
  }

  override capture(number: NumberOf): ResourceState {
    return { kind: "input-stream", from: this.#source.capture(number) };
  }

  override close(): void {
    this.#source.close?.();
  }

  /** Reads up to `length` bytes; fails with a `stream-error` at the end. */
  static take(stream: InputStream, length: bigint): Uint8Array {
    const room = Number(length < MAX_READ_BYTES ? length : MAX_READ_BYTES);
    if (room === 0) return new Uint8Array(0);
    if (!stream.host.fuel.charge(room * BYTE_UNITS)) failWith(CLOSED);
    const bytes = new Uint8Array(room);
    const count = stream.#source.read(bytes);
    if (typeof count === "string") failOperation(stream.host, count);
    if (count === 0) failWith(CLOSED);
    return bytes.subarray(0, count);
  }
}

/** `stream-error.closed`. */
export const CLOSED = { tag: "closed" } as const;

/** Fails with `stream-error.last-operation-failed`. */
export function failOperation(host: Preview2Host, errno: Errno): never {
  return failWith({ tag: "last-operation-failed", val: new IoError(host, errno) });
}

guardMethods(InputStream, CLOSED);
