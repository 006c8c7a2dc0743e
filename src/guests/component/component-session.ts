import { classifyFailure } from "../../engine/instance/classify-failure.ts";
import type { Completion } from "../../engine/instance/fuel-gauge.ts";
import { WardianError } from "../../errors.ts";
import { isFailure } from "../../wasi/preview2/host/failure.ts";
import { Preview2Host } from "../../wasi/preview2/host/preview2-host.ts";
import type { Interfaces } from "../../wasi/preview2/interfaces.ts";
import type {
  GuestCall,
  GuestContext,
  GuestOutcome,
  GuestSession,
  GuestTurn,
  RunRequest,
  SessionState,
} from "../guest.ts";
import { isNearCap } from "../module/memory-watch.ts";
import { instantiateComponent } from "./component-instance.ts";
import type { ComponentInstance } from "./component-instance.ts";
import { copyComponent, isLive, restoreComponent } from "./component-copy.ts";
import { componentImports, refuseUnservedImports } from "./component-imports.ts";
import { findExport, listExports, RUN } from "./component-exports.ts";
import { HeldResources, MAX_HELD } from "./held-resources.ts";
import type { PreparedComponent } from "./load-component.ts";
import { plainOutcome } from "./plain-value.ts";

/**
 * A component. Calls share an instance, which stays until a reset; a run of `wasi:cli/run` is a process of its own.
 * The instance is made, under the limits of the first call, when it is needed.
 */
export class ComponentSession implements GuestSession {
  readonly #prepared: PreparedComponent;
  readonly #name: string;
  readonly #context: GuestContext;
  readonly #host: Preview2Host;
  readonly #imports: Interfaces;
  #instance: ComponentInstance | undefined;
  #held: HeldResources | undefined;
  #broken = false;
  #memoryBytes = 0;

  private constructor(prepared: PreparedComponent, name: string, context: GuestContext) {
    this.#prepared = prepared;
    this.#name = name;
    this.#context = context;
    const { capabilities, fuel, mountPoints } = context;
    const preopens = mountPoints.includes("/") ? mountPoints : ["/", ...mountPoints];
    this.#host = new Preview2Host(fuel, capabilities, preopens);
    this.#imports = componentImports(prepared.description, this.#host, context);
    refuseUnservedImports(prepared.description, capabilities.tools.names);
  }

  /** @throws WardianError "invalid-snapshot" if the context's state is none of this component's. */
  static create(prepared: PreparedComponent, name: string, context: GuestContext): ComponentSession {
    const session = new ComponentSession(prepared, name, context);
    if (context.state !== undefined && isLive(context.state)) session.#goOn(context.state);
    return session;
  }

  checkCall({ name }: GuestCall): void {
    const known = listExports(this.#prepared.description);
    if (known.some((prefix) => name === prefix || name.startsWith(`${prefix}#`))) return;
    throw new WardianError(
      "invalid-value",
      `Cannot call ${JSON.stringify(name.slice(0, 80))}: the component exports ${known.map((item) => `"${item}"`).join(", ") || "nothing"}`,
    );
  }

  start({ call, args, filename, mayBlock }: RunRequest): GuestTurn {
    if (this.#broken) throw new WardianError("internal", "Cannot enter a component that was stopped: reset it first");
    this.#host.mayBlock = mayBlock === true;
    this.#host.args = [filename || this.#name, ...args];
    // A process of its own: nothing of an earlier one.
    if (call === undefined) this.#drop();
    const completion = this.#context.fuel.enter(() => {
      this.#broken = true;
      this.#instance ??= instantiateComponent(this.#prepared, this.#imports, this.#context.fuel);
      this.#held ??= new HeldResources(this.#instance);
      this.#instance.rearm();
      const outcome = this.#enter(this.#instance, this.#held, call);
      this.#broken = outcome.broken === true;
      return outcome;
    });
    const turn = this.#turn(completion, call === undefined);
    this.#memoryBytes = this.#instance?.memoryBytes() ?? 0;
    if (call === undefined && turn.state === "done") {
      this.#drop();
      this.#broken = false;
    }
    return turn;
  }

  resume(): GuestTurn {
    throw new WardianError("internal", "Cannot resume a component: it never waits");
  }

  capture(): SessionState {
    return copyComponent(this.#broken ? undefined : this.#instance, this.#held, this.#host);
  }

  /** A component's own generators are its own: there is nothing to tell it by. */
  reseed(): void {}

  reset(): void {
    this.#drop();
    this.#broken = false;
  }

  close(): void {
    this.#drop();
  }

  memoryBytes(): number {
    return this.#memoryBytes;
  }

  memoryRefused(): boolean {
    return isNearCap(this.#memoryBytes, this.#context.memoryBytes);
  }

  /** Runs no code of the guest. */
  #goOn(state: SessionState): void {
    const { fuel, memoryBytes } = this.#context;
    const instance = instantiateComponent(this.#prepared, this.#imports, fuel, true);
    const held = new HeldResources(instance);
    this.#instance = instance;
    this.#held = held;
    try {
      restoreComponent(state, { instance, held, host: this.#host }, memoryBytes);
    } catch (error) {
      this.#drop();
      throw error;
    }
    this.#memoryBytes = instance.memoryBytes();
  }

  #enter(instance: ComponentInstance, held: HeldResources, call: GuestCall | undefined): Entered {
    const { valueBytes, fuel } = this.#context;
    const name = call?.name ?? RUN;
    const entry = findExport(instance.exports, name, (object) => held.drop(object));
    if (entry === undefined)
      return done({
        kind: "error",
        error: errorOf("TypeError", `The component has no function ${JSON.stringify(name)}`),
      });
    try {
      const { last } = held;
      const value = entry(...held.lower(call?.args ?? []));
      const outcome = plainOutcome(
        value,
        valueBytes,
        () => fuel.check(),
        (object) => held.handleOf(object),
      );
      const full = held.count > MAX_HELD;
      held.settle(full || outcome.kind !== "value" ? last : undefined);
      return full ? done({ kind: "error", error: TOO_MANY }) : done(outcome);
    } catch (error) {
      // `result` with an error, which jco throws: the function has returned.
      if (isFailure(error)) {
        const outcome = failedOutcome(error.payload, valueBytes);
        held.settle();
        return { outcome, failed: true };
      }
      if (fuel.stopping || classifyFailure(error).kind !== "host-error") throw error;
      // Neither a trap nor a host function's: the glue could not lower an argument, and may have left the guest half way.
      const message = error instanceof Error ? error.message : String(error);
      return { ...done({ kind: "error", error: errorOf("TypeError", message.slice(0, 1_000)) }), broken: true };
    }
  }

  #turn(completion: Completion<Entered>, isRun: boolean): GuestTurn {
    if (completion.kind === "returned") {
      const { outcome, failed, broken } = completion.value;
      if (isRun && outcome.kind !== "error")
        return { state: "done", outcome: { kind: "exit", code: 0, orderly: true } };
      if (isRun && failed === true) return { state: "done", outcome: { kind: "exit", code: 1, orderly: true } };
      if (broken === true) this.#drop();
      this.#broken = false;
      return { state: "done", outcome };
    }
    this.#broken = true;
    const { reason } = completion;
    if (reason.kind === "exit")
      return { state: "done", outcome: { kind: "exit", code: reason.code, ...(isRun ? { orderly: true } : {}) } };
    const deep = reason.kind === "unreachable" && this.#instance?.tooDeep() === true;
    return { state: "stopped", reason: deep ? { kind: "stack" } : reason };
  }

  #drop(): void {
    this.#instance?.cell.release();
    this.#instance = undefined;
    this.#held = undefined;
    this.#host.end();
  }
}

interface Entered {
  readonly outcome: GuestOutcome;
  /** The function returned the error of its `result`. */
  readonly failed?: boolean;
  /** The instance cannot be entered again. */
  readonly broken?: boolean;
}

function done(outcome: GuestOutcome): Entered {
  return { outcome };
}

function errorOf(
  name: string,
  message: string,
): { readonly name: string; readonly message: string; readonly traceback: string } {
  return { name, message, traceback: `${name}: ${message}` };
}

/** What a call ends with whose value would have had the host hold too much. What it made was dropped again. */
const TOO_MANY = errorOf("RangeError", `The host holds at most ${MAX_HELD} resources of a component at a time`);

/** Text of an error value that is passed on. */
const MAX_ERROR_TEXT = 10_000;

function failedOutcome(payload: unknown, valueBytes: number): GuestOutcome {
  const plain = plainOutcome(payload, valueBytes, () => true);
  const value = plain.kind === "value" ? plain.value : undefined;
  const text =
    typeof value === "string"
      ? value
      : (JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? String(item) : item)) ?? "error");
  return { kind: "error", error: errorOf("ComponentError", text.slice(0, MAX_ERROR_TEXT)) };
}
