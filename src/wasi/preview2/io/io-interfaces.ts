import { guardFunctions } from "../host/guard.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { Interfaces } from "../interfaces.ts";
import { InputStream } from "./input-stream.ts";
import { IoError } from "./io-error.ts";
import { OutputStream } from "./output-stream.ts";
import { Pollable, waitFor } from "./pollable.ts";

/** Pollables in one call: unbounded, a guest could keep the host busy with it. */
const MAX_POLLED = 1_024;

/** `wasi:io`. */
export function ioInterfaces(host: Preview2Host): Interfaces {
  return {
    "wasi:io/error": { Error: IoError },
    "wasi:io/streams": { InputStream, OutputStream },
    "wasi:io/poll": {
      Pollable,
      ...guardFunctions(host, {
        poll: (pollables: readonly Pollable[]): Uint32Array => {
          if (pollables.length > 0 && pollables.length <= MAX_POLLED) return waitFor(host, pollables);
          host.fuel.stop({ kind: "trap", message: `cannot poll ${pollables.length} pollables at once` });
          return new Uint32Array(0);
        },
      }),
    },
  };
}
