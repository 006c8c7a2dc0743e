import type { Completion } from "../../engine/instance/fuel-gauge.ts";
import { captureState, restoreState } from "../../engine/index.ts";
import { viewState } from "../../engine/snapshot/capture-state.ts";
import { FunctionNames } from "../../engine/snapshot/function-names.ts";
import { captureReferences, numbersOf, restoreReferences } from "../../engine/snapshot/reference-state.ts";
import { EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import type { StateImage } from "../../engine/index.ts";
import { WardianError } from "../../errors.ts";
import { Preview1Host } from "../../wasi/preview1/host/preview1-host.ts";
import { preview1Imports } from "../../wasi/preview1/preview1-imports.ts";
import { PREVIEW1_MODULE } from "../../wasi/preview1/signatures.ts";
import { adoptState } from "../adopt-state.ts";
import type { GuestCall, GuestContext, GuestSession, GuestTurn, RunRequest, SessionState } from "../guest.ts";
import { isNearCap } from "../module/memory-watch.ts";
import { instantiateModule } from "../module/module-instance.ts";
import type { ModuleInstance } from "../module/module-instance.ts";
import type { PreparedModule } from "../module/prepare-module.ts";
import { checkNumericCall } from "./numeric-call.ts";

interface LiveReactor {
  readonly instance: ModuleInstance;
  /** As `_initialize` left it; undefined for one that goes on from a snapshot: its reset begins anew. */
  readonly image: StateImage | undefined;
  /** What its tables and globals may hold. */
  readonly names: FunctionNames;
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

  /** @throws WardianError "invalid-snapshot" if the context's state is none of this module's. */
  static create(prepared: PreparedModule, name: string, context: GuestContext): ReactorSession {
    const session = new ReactorSession(prepared, name, context);
    if (context.state !== undefined) session.#goOn(context.state);
    return session;
  }

  private constructor(prepared: PreparedModule, name: string, context: GuestContext) {
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
    if (live?.image === undefined || this.#broken) {
      this.close();
      return;
    }
    this.#begin(this.#host.process.args);
    if (restoreState(live.image, live.instance.state).kind !== "restored") this.close();
  }

  capture(): SessionState {
    const live = this.#live;
    const { args } = this.#host.process;
    if (live === undefined) return { image: EMPTY_IMAGE, host: { live: false } };
    const { state } = live.instance;
    const references = captureReferences(state, live.names);
    return { image: viewState(numbersOf(state)), host: { live: true, args, open: this.#host.capture(), references } };
  }

  /** A library's own generators are its own: there is nothing to tell it by. */
  reseed(): void {}

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
    const names = new FunctionNames([instance.exports], instance.state);
    // From here on a trap leaves something half made.
    this.#broken = true;
    instance.start?.();
    const { _initialize: initialize } = instance.exports;
    if (typeof initialize === "function") (initialize as () => unknown)();
    this.#broken = false;
    return { instance, image: captureState(instance.state), names };
  }

  /** Runs no code of the guest: the state holds what start function and `_initialize` did. */
  #goOn({ image, host }: SessionState): void {
    const part = hostPart(host);
    if (!part.live) return;
    const { args, open, references } = part;
    const { capabilities, fuel, memoryBytes } = this.#context;
    const instance = instantiateModule(this.#prepared, this.#imports, fuel);
    const names = new FunctionNames([instance.exports], instance.state);
    const { env } = capabilities.environment;
    try {
      adoptState(image, numbersOf(instance.state), memoryBytes);
      if (!restoreReferences(references, instance.state, names)) throw damaged();
      if (!this.#host.goOn({ args, env, preopens: this.#preopens() }, open)) throw damaged();
    } catch (error) {
      instance.cell.release();
      this.#host.end();
      throw error;
    }
    if (instance.memory !== undefined) this.#host.attach(instance.memory);
    this.#live = { instance, image: undefined, names };
  }

  #preopens(): readonly string[] {
    const { mountPoints } = this.#context;
    return mountPoints.includes("/") ? mountPoints : ["/", ...mountPoints];
  }

  #begin(args: readonly string[]): void {
    const { env } = this.#context.capabilities.environment;
    this.#host.begin({ args, env, preopens: this.#preopens() });
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

/** What `capture` noted beside the memory; hostile when it comes out of a snapshot. */
type HostPart =
  | { readonly live: false }
  | { readonly live: true; readonly args: readonly string[]; readonly open: unknown; readonly references: unknown };

function hostPart(host: unknown): HostPart {
  const { live, args, open, references } = (typeof host === "object" && host !== null ? host : {}) as Readonly<
    Record<string, unknown>
  >;
  if (live === false) return { live };
  if (live !== true || !Array.isArray(args) || args.length > MAX_ARGS || !args.every(isArgument)) throw damaged();
  return { live, args, open, references };
}

function damaged(): WardianError {
  return new WardianError(
    "invalid-snapshot",
    "Cannot restore a snapshot: what the host kept of the reactor is damaged",
  );
}

const MAX_ARGS = 10_000;

function isArgument(value: unknown): value is string {
  return typeof value === "string" && value.length <= 2 ** 20 && !value.includes("\0");
}

/** Several results come as an array of the engine's. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])] : value;
}
