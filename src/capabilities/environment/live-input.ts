import type { InputStream } from "./gather-input.ts";
import { bytesOfPiece, giveUp, tooLong } from "./input-pieces.ts";

/** Input that is waited for, by a host whose guest sleeps elsewhere. */
export interface AwaitedInput {
  /** Up to `maxBytes`, and one at least unless the input is at its end. One call at a time. */
  next(maxBytes: number): Promise<Uint8Array>;
}

/** Standard input that is read from a stream when the guest asks for it, and no sooner. */
export class LiveInput implements AwaitedInput {
  readonly #pieces: AsyncIterator<unknown>;
  readonly #maxBytes: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #closed: Promise<"closed">;
  #close: () => void = () => undefined;
  /** What of the last piece is left. */
  #rest: Uint8Array = new Uint8Array(0);
  #length = 0;
  #over = false;

  /** `onFailure`: the stream threw, gave what is no input, or more than `maxBytes`. The guest is then told of its end. */
  constructor(stream: InputStream, maxBytes: number, onFailure: (error: unknown) => void) {
    this.#pieces = stream[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
    this.#onFailure = onFailure;
    this.#closed = new Promise((resolve) => {
      this.#close = () => resolve("closed");
    });
  }

  async next(maxBytes: number): Promise<Uint8Array> {
    while (this.#rest.length === 0 && !this.#over) await this.#fetch();
    const bytes = this.#rest.subarray(0, maxBytes);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** The run is over: a stream that has not ended is given up. */
  close(): void {
    if (!this.#over) giveUp(this.#pieces);
    this.#over = true;
    this.#close();
  }

  async #fetch(): Promise<void> {
    try {
      const next = await Promise.race([this.#pieces.next(), this.#closed]);
      if (this.#over || next === "closed") return;
      if (next.done === true) {
        this.#over = true;
        return;
      }
      const bytes = bytesOfPiece(next.value);
      this.#length += bytes.length;
      if (this.#length > this.#maxBytes) throw tooLong(this.#maxBytes);
      this.#rest = bytes;
    } catch (error) {
      this.close();
      this.#onFailure(error);
    }
  }
}
