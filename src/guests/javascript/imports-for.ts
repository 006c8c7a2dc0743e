import { monotonicClock, wallClock } from "../../wasi/preview2/clocks.ts";
import { randomImports } from "../../wasi/preview2/random.ts";
import { IoError, OutputStream } from "../../wasi/preview2/streams.ts";
import type { GuestContext } from "../guest.ts";
import { hostInterface } from "./host-interface.ts";
import type { ComponentImports } from "#runtimes/javascript";

/** What the component imports, over the powers of one sandbox. */
export function importsFor({ capabilities, fuel }: GuestContext): ComponentImports {
  const { clock, random, output } = capabilities;
  const stdout = new OutputStream(output, "stdout", fuel);
  const stderr = new OutputStream(output, "stderr", fuel);
  return {
    "wasi:clocks/wall-clock": wallClock(clock, fuel),
    "wasi:clocks/monotonic-clock": monotonicClock(clock, fuel),
    "wasi:random/random": randomImports(random, fuel),
    "wasi:io/error": { Error: IoError },
    "wasi:io/streams": { OutputStream },
    "wasi:cli/stdout": { getStdout: () => stdout },
    "wasi:cli/stderr": { getStderr: () => stderr },
    "wardian:javascript/host": hostInterface(capabilities, fuel),
  };
}
