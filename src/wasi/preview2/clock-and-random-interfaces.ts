import { toMilliseconds } from "../time/nanoseconds.ts";
import { monotonicClock, wallClock } from "./clocks.ts";
import { guardFunctions } from "./host/guard.ts";
import type { Preview2Host } from "./host/preview2-host.ts";
import type { Interfaces } from "./interfaces.ts";
import { Pollable } from "./io/pollable.ts";
import { randomImports } from "./random.ts";

/** `wasi:clocks` and `wasi:random`. */
export function clockAndRandomInterfaces(host: Preview2Host): Interfaces {
  const { fuel, powers } = host;
  const { clock, random } = powers;
  const source = randomImports(random, fuel);
  const bytes = (length: bigint): Uint8Array => source.getRandomBytes(length);
  const word = (): bigint => source.getRandomU64();
  return {
    "wasi:clocks/wall-clock": { ...wallClock(clock, fuel) },
    "wasi:clocks/monotonic-clock": {
      ...monotonicClock(clock, fuel),
      ...guardFunctions(host, {
        subscribeInstant: (when: bigint) => new Pollable(host, toMilliseconds(when)),
        subscribeDuration: (duration: bigint) => new Pollable(host, clock.monotonic() + toMilliseconds(duration)),
      }),
    },
    "wasi:random/random": { getRandomBytes: bytes, getRandomU64: word },
    "wasi:random/insecure": { getInsecureRandomBytes: bytes, getInsecureRandomU64: word },
    "wasi:random/insecure-seed": { insecureSeed: () => [word(), word()] },
  };
}
