/** A copy of a piece, text as UTF-8: the stream may use its buffer again. */
export function bytesOfPiece(piece: unknown): Uint8Array {
  if (typeof piece === "string") return new TextEncoder().encode(piece);
  if (piece instanceof Uint8Array) return Uint8Array.from(piece);
  throw new TypeError("Cannot read the input: a piece of the stream must be a string or a Uint8Array");
}

/** The error of a stream that goes on for longer than it may. */
export function tooLong(maxBytes: number): RangeError {
  return new RangeError(
    `Cannot read the input: it is longer than ${maxBytes} bytes; limits.inputBytes allows more, a file is better`,
  );
}

/** Tells a stream that nobody reads on. */
export function giveUp(pieces: AsyncIterator<unknown>): void {
  try {
    // Nobody waits for it, so its failure must not become an unhandled one.
    Promise.resolve(pieces.return?.()).catch(() => undefined);
  } catch {
    // It is the stream's own affair how it ends.
  }
}
