import type { Random, RandomState } from "../random.ts";
import { ChaCha20 } from "./chacha20.ts";
import { sha256 } from "./sha256.ts";

/** What a seeded random can start from. Integers only: `42` and `42n` are the same seed, `"42"` is another. */
export type RandomSeed = number | bigint | string | Uint8Array;

/**
 * A repeatable sequence: the ChaCha20 keystream (RFC 8439) under the key SHA-256(seed), bit-identical on every engine.
 * As good as a secure one for a guest's statistics, and no secret: whoever knows the seed knows every byte.
 *
 * @throws TypeError if the seed is of another type
 * @throws RangeError if a number is not a safe integer
 */
export function seededRandom(seed: RandomSeed): Random {
  return new SeededRandom(sha256(seedBytes(seed)));
}

class SeededRandom implements Random {
  readonly kind = "seeded";
  /** The key of the seed itself. */
  readonly #root: Uint8Array;
  #labels: readonly string[] = [];
  #stream: ChaCha20;
  #position = 0;

  constructor(root: Uint8Array) {
    this.#root = root;
    this.#stream = streamOf(root, [], 0);
  }

  fill(into: Uint8Array): void {
    this.#stream.fill(into);
    this.#position += into.length;
  }

  reset(): void {
    this.restore({ labels: this.#labels, position: 0 });
  }

  capture(): RandomState {
    return { labels: this.#labels, position: this.#position };
  }

  restore({ labels, position }: RandomState): void {
    this.#labels = labels;
    this.#position = position;
    this.#stream = streamOf(this.#root, labels, position);
  }
}

const BLOCK_BYTES = 64;

/** Derived keys are SHA-256 of the key before and the label: a hash of fixed-length head and tail, so no two paths meet. */
function streamOf(root: Uint8Array, labels: readonly string[], position: number): ChaCha20 {
  const key = labels.reduce((before, label) => sha256(joined(before, new TextEncoder().encode(label))), root);
  const stream = new ChaCha20(key, new Uint8Array(12), Math.floor(position / BLOCK_BYTES));
  stream.fill(new Uint8Array(position % BLOCK_BYTES));
  return stream;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

/** The type goes in front, so that seeds of different types never meet. */
function seedBytes(seed: RandomSeed): Uint8Array {
  if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot seed with ${seed}: a number must be a safe integer`);
  }
  if (typeof seed === "number" || typeof seed === "bigint") return new TextEncoder().encode(`integer:${BigInt(seed)}`);
  if (typeof seed === "string") return new TextEncoder().encode(`text:${seed}`);
  if (!(seed instanceof Uint8Array)) {
    throw new TypeError(`Cannot seed with a value of type "${typeof seed}": give an integer, a string or bytes`);
  }
  return joined(new TextEncoder().encode("bytes:"), seed);
}
