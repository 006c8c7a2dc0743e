/** The shape of dist/runtimes/javascript/component.js, which the build generates with jco. */
import type { MonotonicClock, WallClock } from "../../wasi/preview2/clocks.ts";
import type { RandomImports } from "../../wasi/preview2/random.ts";
import type { IoError, OutputStream } from "../../wasi/preview2/streams.ts";
import type { HostInterface } from "./host-interface.ts";

export interface ComponentImports {
  "wasi:clocks/wall-clock": Pick<WallClock, "now">;
  "wasi:clocks/monotonic-clock": Pick<MonotonicClock, "now">;
  "wasi:random/random": RandomImports;
  "wasi:io/error": { Error: typeof IoError };
  "wasi:io/streams": { OutputStream: typeof OutputStream };
  "wasi:cli/stdout": { getStdout: () => OutputStream };
  "wasi:cli/stderr": { getStderr: () => OutputStream };
  "wardian:javascript/host": HostInterface;
}

export interface ComponentExports {
  boot: (prelude: Uint8Array, stackBytes: number) => void;
  turn: (kind: number, text: Uint8Array) => Uint8Array;
}

/** Links the core modules: synchronous, as `instantiation: { tag: "sync" }` asks for. */
export function instantiate(
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: ComponentImports,
  instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
): ComponentExports;
