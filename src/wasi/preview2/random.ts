import type { Random } from "../../capabilities/random.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { guarded } from "./guarded.ts";

/** The most random bytes that one call gives. A guest that asks for more is stopped: the length is its own to choose. */
export const MAX_RANDOM_BYTES = 1_048_576;

export interface RandomImports {
  getRandomBytes(length: bigint): Uint8Array;
  getRandomU64(): bigint;
}

/** `wasi:random/random` over the sandbox's random source. Charges a unit a byte. */
export function randomImports(random: Random, fuel: FuelGauge): RandomImports {
  return {
    getRandomBytes: guarded(fuel, new Uint8Array(0), (length: bigint) => {
      if (length > BigInt(MAX_RANDOM_BYTES)) {
        fuel.stop({ kind: "trap", message: "too many random bytes at once" });
        return new Uint8Array(0);
      }
      const bytes = new Uint8Array(Number(length));
      if (!fuel.charge(bytes.length)) return new Uint8Array(0);
      random.fill(bytes);
      return bytes;
    }),
    getRandomU64: guarded(fuel, 0n, () => {
      const bytes = new Uint8Array(8);
      random.fill(bytes);
      return new DataView(bytes.buffer).getBigUint64(0, true);
    }),
  };
}
