/** The most that `crypto.getRandomValues` takes at once (Web Cryptography API, 10.1.1). */
const QUOTA_BYTES = 65_536;

/**
 * Few bytes come out of a block that is filled now and then: a call costs some 10 µs however few bytes it is for, and a
 * sandbox asks for eight at each start of a run. Small, so that little is the same should a whole process be cloned.
 */
const BLOCK_BYTES = 512;
const FEW_BYTES = 64;

const block = new Uint8Array(BLOCK_BYTES);
let used = BLOCK_BYTES;

/** Cryptographic random bytes from Web Crypto, any length. */
export function fillRandom(into: Uint8Array): void {
  if (into.length <= FEW_BYTES) takeFew(into);
  else takeMany(into);
}

function takeFew(into: Uint8Array): void {
  if (into.length > BLOCK_BYTES - used) {
    crypto.getRandomValues(block);
    used = 0;
  }
  const end = used + into.length;
  into.set(block.subarray(used, end));
  // Nobody can find later what was given out.
  block.fill(0, used, end);
  used = end;
}

function takeMany(into: Uint8Array): void {
  for (let offset = 0; offset < into.length; offset += QUOTA_BYTES) {
    // Through a buffer of our own: the view may be of a kind that Web Crypto refuses (shared memory).
    const piece = new Uint8Array(Math.min(QUOTA_BYTES, into.length - offset));
    crypto.getRandomValues(piece);
    into.set(piece, offset);
  }
}
