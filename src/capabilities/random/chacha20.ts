/** "expand 32-byte k" as little-endian words (RFC 8439, 2.3). */
const CONSTANTS: readonly number[] = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/** The keystream of ChaCha20 (RFC 8439, 2.4) for one key and nonce, from block `counter` (up to 2^53) on. */
export class ChaCha20 {
  readonly #initial: Uint32Array = new Uint32Array(16);
  readonly #working: Uint32Array = new Uint32Array(16);
  readonly #block: Uint8Array = new Uint8Array(64);
  readonly #view: DataView = new DataView(this.#block.buffer);
  /** Bytes of the block that are used up. */
  #used = 64;

  constructor(key: Uint8Array, nonce: Uint8Array, counter: number) {
    if (key.length !== 32 || nonce.length !== 12)
      throw new RangeError("ChaCha20 takes a key of 32 and a nonce of 12 bytes");
    this.#initial.set(CONSTANTS);
    this.#initial.set(words(key), 4);
    this.#initial.set(words(nonce), 13);
    this.#initial[12] = counter;
    // As `#nextBlock` counts past 2^32.
    this.#initial[13] = (this.#initial[13] ?? 0) + Math.floor(counter / 2 ** 32);
  }

  fill(into: Uint8Array): void {
    let done = 0;
    while (done < into.length) {
      if (this.#used === 64) this.#nextBlock();
      const length = Math.min(64 - this.#used, into.length - done);
      into.set(this.#block.subarray(this.#used, this.#used + length), done);
      this.#used += length;
      done += length;
    }
  }

  #nextBlock(): void {
    const state = this.#working;
    state.set(this.#initial);
    for (let round = 0; round < 10; round += 1) {
      quarterRound(state, 0, 4, 8, 12);
      quarterRound(state, 1, 5, 9, 13);
      quarterRound(state, 2, 6, 10, 14);
      quarterRound(state, 3, 7, 11, 15);
      quarterRound(state, 0, 5, 10, 15);
      quarterRound(state, 1, 6, 11, 12);
      quarterRound(state, 2, 7, 8, 13);
      quarterRound(state, 3, 4, 9, 14);
    }
    for (let index = 0; index < 16; index += 1) {
      this.#view.setUint32(index * 4, (state[index] ?? 0) + (this.#initial[index] ?? 0), true);
    }
    this.#initial[12] = (this.#initial[12] ?? 0) + 1;
    // After 256 GiB the counter is used up; a generator goes on in the nonce where a cipher would have to stop.
    if (this.#initial[12] === 0) this.#initial[13] = (this.#initial[13] ?? 0) + 1;
    this.#used = 0;
  }
}

/** RFC 8439, 2.1. */
function quarterRound(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  let wa = state[a] ?? 0;
  let wb = state[b] ?? 0;
  let wc = state[c] ?? 0;
  let wd = state[d] ?? 0;
  wa = (wa + wb) | 0;
  wd = rotateLeft(wd ^ wa, 16);
  wc = (wc + wd) | 0;
  wb = rotateLeft(wb ^ wc, 12);
  wa = (wa + wb) | 0;
  wd = rotateLeft(wd ^ wa, 8);
  wc = (wc + wd) | 0;
  wb = rotateLeft(wb ^ wc, 7);
  state[a] = wa;
  state[b] = wb;
  state[c] = wc;
  state[d] = wd;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function words(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
}
