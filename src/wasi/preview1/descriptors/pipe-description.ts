import type { FileResult, FileStat } from "../../../capabilities/files/file-system.ts";
import { BaseDescription, streamStat } from "../description.ts";
import type { Description, DescriptionState } from "../description.ts";

/** Bytes that a pipe holds before a write would block, as on Linux. */
const CAPACITY = 65_536;

/**
 * Both ends of a pipe inside one guest. Nobody else could fill or drain it while the guest waits: what would block
 * for ever is EIO.
 */
export function createPipe(content: Uint8Array = NOTHING): {
  readonly reader: Description;
  readonly writer: Description;
} {
  const pipe: Pipe = { buffer: new Uint8Array(CAPACITY), start: 0, length: 0, readers: 1, writers: 1 };
  pipe.buffer.set(content.subarray(0, CAPACITY));
  pipe.length = Math.min(content.length, CAPACITY);
  return { reader: new PipeReader(pipe), writer: new PipeWriter(pipe) };
}

const NOTHING = new Uint8Array(0);

/** What waits in the pipe of a captured end, in its order. */
export function pipeContent(pipe: object): Uint8Array {
  const { buffer, start, length } = pipe as Pipe;
  return Uint8Array.from({ length }, (_, index) => buffer[(start + index) % CAPACITY] ?? 0);
}

interface Pipe {
  readonly buffer: Uint8Array;
  start: number;
  length: number;
  readers: number;
  writers: number;
}

class PipeReader extends BaseDescription {
  readonly kind = "pipe";
  readonly access = { read: true, write: false, append: false };
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
  }

  override read(into: Uint8Array): FileResult<number> {
    const pipe = this.#pipe;
    if (pipe.length === 0) return pipe.writers === 0 ? 0 : "EIO";
    const count = Math.min(into.length, pipe.length);
    for (let index = 0; index < count; index++) into[index] = pipe.buffer[(pipe.start + index) % CAPACITY] ?? 0;
    pipe.start = (pipe.start + count) % CAPACITY;
    pipe.length -= count;
    return count;
  }

  override stat(): FileResult<FileStat> {
    return streamStat(false);
  }

  override readable(): boolean {
    return this.#pipe.length > 0 || this.#pipe.writers === 0;
  }

  override writable(): boolean {
    return false;
  }

  override capture(): DescriptionState {
    return { kind: "pipe", end: "reader", pipe: this.#pipe };
  }

  override close(): void {
    this.#pipe.readers--;
  }
}

class PipeWriter extends BaseDescription {
  readonly kind = "pipe";
  readonly access = { read: false, write: true, append: false };
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
  }

  override write(from: Uint8Array): FileResult<number> {
    const pipe = this.#pipe;
    if (pipe.readers === 0) return "EIO";
    const count = Math.min(from.length, CAPACITY - pipe.length);
    if (count === 0 && from.length > 0) return "EIO";
    const end = pipe.start + pipe.length;
    for (let index = 0; index < count; index++) pipe.buffer[(end + index) % CAPACITY] = from[index] ?? 0;
    pipe.length += count;
    return count;
  }

  override stat(): FileResult<FileStat> {
    return streamStat(true);
  }

  override readable(): boolean {
    return false;
  }

  override writable(): boolean {
    return this.#pipe.length < CAPACITY;
  }

  override capture(): DescriptionState {
    return { kind: "pipe", end: "writer", pipe: this.#pipe };
  }

  override close(): void {
    this.#pipe.writers--;
  }
}
