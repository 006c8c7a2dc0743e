import { bytesOfPiece, giveUp, tooLong } from "./input-pieces.ts";

/** Where input comes from piece by piece, such as `process.stdin`, a stream of a request or a generator. */
export type InputStream = AsyncIterable<string | Uint8Array>;

export interface GatherOptions {
  readonly maxBytes: number;
  /** Gives the stream up. */
  readonly signal: AbortSignal;
}

/**
 * Reads a stream to its end, text as UTF-8. A stream that is given up is told so (`return`) and not waited for.
 *
 * @throws the signal's reason, what the stream threw, TypeError for a piece that is neither text nor bytes, RangeError if there
 *   is more than `maxBytes`
 */
export async function gatherInput(stream: InputStream, { maxBytes, signal }: GatherOptions): Promise<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
  const taken: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const next = await Promise.race([pieces.next(), aborted]);
      if (next.done === true) return joined(taken, length);
      const bytes = bytesOfPiece(next.value);
      length += bytes.length;
      if (length > maxBytes) throw tooLong(maxBytes);
      taken.push(bytes);
    }
  } catch (error) {
    giveUp(pieces);
    throw error;
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let position = 0;
  for (const piece of pieces) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return bytes;
}
