/** What `commit-victim.ts` writes. The last two lie in directories, one of which it makes. */
export const FILES: readonly string[] = ["a", "b", "c", "sub/d", "sub/e", "made/f"];

/** One byte all over, and a length that fits only it. */
export function contentOf(generation: number, index: number): Uint8Array {
  const mark = (generation * 7 + index) % 251;
  return new Uint8Array(100_000 + mark * 1_000).fill(mark);
}

/** Whether the bytes are a whole file of some generation. */
export function isWhole(bytes: Uint8Array): boolean {
  const mark = bytes[0] ?? 0;
  return bytes.length === 100_000 + mark * 1_000 && bytes.every((byte) => byte === mark);
}
