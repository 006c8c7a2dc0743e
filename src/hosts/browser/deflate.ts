/** Raw DEFLATE by the platform's streams. */
export async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(bytes, new CompressionStream("deflate-raw"))) {
    pieces.push(piece);
    length += piece.length;
  }
  return joined(pieces, length);
}

/** Stops as soon as there is more than `length`. */
export async function decompress(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(length);
  let at = 0;
  for await (const piece of piecesOf(bytes, new DecompressionStream("deflate-raw"))) {
    if (piece.length > length - at) throw new RangeError("the data is longer than it says");
    result.set(piece, at);
    at += piece.length;
  }
  if (at !== length) throw new RangeError("the data is shorter than it says");
  return result;
}

async function* piecesOf(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): AsyncGenerator<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Also when the consumer has had enough: what is left is not unpacked.
    await reader.cancel().catch(() => undefined);
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}
