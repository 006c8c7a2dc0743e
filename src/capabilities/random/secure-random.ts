import type { Random } from "../random.ts";

/** Random bytes from the platform's cryptographic source (`fillRandom` takes any length). */
export function secureRandom(source: { fillRandom(into: Uint8Array): void }): Random {
  return { kind: "secure", fill: (into) => source.fillRandom(into) };
}
