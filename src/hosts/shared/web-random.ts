/** The most that `crypto.getRandomValues` takes at once (Web Cryptography API, 10.1.1). */
const QUOTA_BYTES = 65_536;

/** Cryptographic random bytes from Web Crypto, any length. */
export function fillRandom(into: Uint8Array): void {
  for (let offset = 0; offset < into.length; offset += QUOTA_BYTES) {
    // Through a buffer of our own: the view may be of a kind that Web Crypto refuses (shared memory).
    const piece = new Uint8Array(Math.min(QUOTA_BYTES, into.length - offset));
    crypto.getRandomValues(piece);
    into.set(piece, offset);
  }
}
