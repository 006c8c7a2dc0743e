import type { Completion } from "../../engine/instance/fuel-gauge.ts";
import { captureState, restoreState } from "../../engine/index.ts";
import type { StateImage } from "../../engine/index.ts";
import { WardianError } from "../../errors.ts";
import { Preview1Host } from "../../wasi/preview1/host/preview1-host.ts";
import { preview1Imports } from "../../wasi/preview1/preview1-imports.ts";
import { PREVIEW1_MODULE } from "../../wasi/preview1/signatures.ts";
import type { GuestCall, GuestContext, GuestSession, GuestTurn, RunRequest } from "../guest.ts";
import { isNearCap } from "../module/memory-watch.ts";
import { instantiateModule } from "../module/module-instance.ts";
import type { ModuleInstance } from "../module/module-instance.ts";
import type { PreparedModule } from "../module/prepare-module.ts";
import { checkNumericCall } from "./numeric-call.ts";

interface LiveReactor {
  readonly instance: ModuleInstance;
  /** As `_initialize` left it. */
  readonly image: StateImage;
}

/** A reactor: one instance that stays from call to call. It is made, under the first call's limits, when it is needed. */
export class ReactorSession implements GuestSession {
  readonly #prepared: PreparedModule;
  readonly #name: string;
  readonly #context: GuestContext;
  readonly #host: Preview1Host;
  readonly #imports: WebAssembly.Imports;
  #live: LiveReactor | undefined;
  #broken = false;

  constructor(prepared: PreparedModule, name: string, context: GuestContext) {
    this.#prepared = prepared;
    this.#name = name;
    this.#context = context;
    this.#host = new Preview1Host(context.fuel, context.capabilities);
    this.#imports = { [PREVIEW1_MODULE]: preview1Imports(this.#host) };
  }

  checkCall(call: GuestCall): void {
    checkNumericCall(this.#prepared.description, call);
  }

  start({ call, args, filename }: RunRequest): GuestTurn {
    if (call === undefined) throw new WardianError("internal", "Cannot enter a reactor: no function is named");
    if (this.#broken) throw new WardianError("internal", "Cannot enter a reactor that was stopped: reset it first");
    const completion = this.#context.fuel.enter(() => {
      this.#live ??= this.#make([filename || this.#name, ...args]);
      const { instance } = this.#live;
      const entry = instance.exports[call.name];
      return typeof entry === "function"
        ? (entry as (...values: readonly unknown[]) => unknown)(...call.args)
        : undefined;
    });
    return this.#turn(completion);
  }

  resume(): GuestTurn {
    throw new WardianError("internal", "Cannot resume a reactor: it never waits");
  }

  reset(): void {
    const live = this.#live;
    if (live === undefined || this.#broken) {
      this.close();
      return;
    }
    this.#begin(this.#host.process.args);
    if (restoreState(live.image, live.instance.state).kind !== "restored") this.close();
  }

  close(): void {
    this.#host.end();
    this.#live?.instance.cell.release();
    this.#live = undefined;
    this.#broken = false;
  }

  memoryBytes(): number {
    return this.#live?.instance.memory?.buffer.byteLength ?? 0;
  }

  memoryRefused(): boolean {
    return isNearCap(this.memoryBytes(), this.#context.memoryBytes);
  }

  #make(args: readonly string[]): LiveReactor {
    this.#begin(args);
    const instance = instantiateModule(this.#prepared, this.#imports, this.#context.fuel);
    if (instance.memory !== undefined) this.#host.attach(instance.memory);
    // From here on a trap leaves something half made.
    this.#broken = true;
    instance.start?.();
    const { _initialize: initialize } = instance.exports;
    if (typeof initialize === "function") (initialize as () => unknown)();
    this.#broken = false;
    return { instance, image: captureState(instance.state) };
  }

  #begin(args: readonly string[]): void {
    const { capabilities, mountPoints } = this.#context;
    this.#host.begin({
      args,
      env: capabilities.environment.env,
      preopens: mountPoints.includes("/") ? mountPoints : ["/", ...mountPoints],
    });
  }

  #turn(completion: Completion<unknown>): GuestTurn {
    if (completion.kind === "returned")
      return { state: "done", outcome: { kind: "value", value: plain(completion.value) } };
    this.#broken = true;
    const { reason } = completion;
    return reason.kind === "exit"
      ? { state: "done", outcome: { kind: "exit", code: reason.code } }
      : { state: "stopped", reason };
  }
}

/** Several results come as an array of the engine's. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])] : value;
}
