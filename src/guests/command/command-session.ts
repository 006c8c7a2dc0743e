import type { Completion } from "../../engine/instance/fuel-gauge.ts";
import { EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import { Preview1Host } from "../../wasi/preview1/host/preview1-host.ts";
import { preview1Imports } from "../../wasi/preview1/preview1-imports.ts";
import { PREVIEW1_MODULE } from "../../wasi/preview1/signatures.ts";
import type { GuestContext, GuestSession, GuestTurn, RunRequest, SessionState } from "../guest.ts";
import { isNearCap } from "../module/memory-watch.ts";
import { instantiateModule } from "../module/module-instance.ts";
import type { ModuleInstance } from "../module/module-instance.ts";
import type { PreparedModule } from "../module/prepare-module.ts";

/** A command: every run is a process of its own, with a fresh instance. Nothing of it stays but the files. */
export class CommandSession implements GuestSession {
  readonly #prepared: PreparedModule;
  readonly #name: string;
  readonly #context: GuestContext;
  readonly #host: Preview1Host;
  readonly #imports: WebAssembly.Imports;
  #memoryBytes = 0;

  constructor(prepared: PreparedModule, name: string, context: GuestContext) {
    this.#prepared = prepared;
    this.#name = name;
    this.#context = context;
    this.#host = new Preview1Host(context.fuel, context.capabilities);
    this.#imports = { [PREVIEW1_MODULE]: preview1Imports(this.#host) };
  }

  start(request: RunRequest): GuestTurn {
    const { fuel, capabilities, mountPoints } = this.#context;
    let instance: ModuleInstance | undefined;
    const completion = fuel.enter(() => {
      this.#host.begin({
        args: [request.filename ?? this.#name, ...request.args],
        env: capabilities.environment.env,
        preopens: mountPoints.includes("/") ? mountPoints : ["/", ...mountPoints],
      });
      instance = instantiateModule(this.#prepared, this.#imports, fuel);
      if (instance.memory !== undefined) this.#host.attach(instance.memory);
      instance.start?.();
      const { _start: main } = instance.exports;
      if (typeof main === "function") (main as () => unknown)();
    });
    this.#memoryBytes = instance?.memory?.buffer.byteLength ?? 0;
    instance?.cell.release();
    this.#host.end();
    return turnOf(completion);
  }

  resume(): GuestTurn {
    throw new WardianError("internal", "Cannot resume a command: it never waits");
  }

  /** Between two runs there is no process, and nothing but the files to copy. */
  capture(): SessionState {
    return { image: EMPTY_IMAGE, host: null };
  }

  /** A process draws its random numbers from the sandbox. */
  reseed(): void {}

  reset(): void {
    this.#host.end();
  }

  close(): void {
    this.#host.end();
  }

  memoryBytes(): number {
    return this.#memoryBytes;
  }

  memoryRefused(): boolean {
    return isNearCap(this.#memoryBytes, this.#context.memoryBytes);
  }
}

/** Coming back from `_start` is exit code 0. */
function turnOf(completion: Completion<unknown>): GuestTurn {
  if (completion.kind === "returned") return { state: "done", outcome: { kind: "exit", code: 0, orderly: true } };
  const { reason } = completion;
  return reason.kind === "exit"
    ? { state: "done", outcome: { kind: "exit", code: reason.code, orderly: true } }
    : { state: "stopped", reason };
}
