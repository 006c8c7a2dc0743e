import type { Random } from "../random.ts";
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
  const key = sha256(seedBytes(seed));
  const start = (): ChaCha20 => new ChaCha20(key, new Uint8Array(12), 0);
  let stream = start();
  return {
    kind: "seeded",
    fill: (into) => stream.fill(into),
    reset: () => {
      stream = start();
    },
  };
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
  const tag = new TextEncoder().encode("bytes:");
  const bytes = new Uint8Array(tag.length + seed.length);
  bytes.set(tag);
  bytes.set(seed, tag.length);
  return bytes;
}
