import { restoreState } from "../../engine/snapshot/restore-state.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import { monotonicClock, wallClock } from "../../wasi/preview2/clocks.ts";
import { randomImports } from "../../wasi/preview2/random.ts";
import { IoError, OutputStream } from "../../wasi/preview2/streams.ts";
import type { GuestContext, GuestSession, GuestTurn, RunRequest } from "../guest.ts";
import type { ToolSettlement } from "../../capabilities/tools/tool-calls.ts";
import { nextTask } from "../next-task.ts";
import type { Artefacts } from "./artefacts.ts";
import { instantiateComponent } from "./component-instance.ts";
import type { ComponentInstance } from "./component-instance.ts";
import { hostInterface } from "./host-interface.ts";
import { startFromImage } from "./start-from-image.ts";
import { TURN } from "./operations.ts";
import { decodeAnswer, encodeMessage } from "./protocol.ts";
import type { ComponentImports } from "#runtimes/javascript";

const PAGE_BYTES = 65_536;

/** Zeroing more than this takes longer than a new memory does, the collector's work for it included. */
const MAX_GROWTH = { maxGrowthBytes: 16 * 2 ** 20 };

/** One live QuickJS. State persists between runs; a stopped run leaves it unusable until `reset`. */
export class JavascriptSession implements GuestSession {
  readonly #artefacts: Artefacts;
  readonly #context: GuestContext;
  readonly #imports: ComponentImports;
  #instance: ComponentInstance | undefined;
  /** Trapped or left in the middle of a call: nothing may enter it again. */
  #broken = false;
  #closed = false;
  /** The memory of the instance that was given up, if a new one can have it. */
  #spare: WebAssembly.Memory | undefined;
  #refusalsBefore = 0;
  /** The guest's monotonic clock at the end of the last turn. */
  #waitingSinceMs = 0;

  constructor(artefacts: Artefacts, context: GuestContext) {
    this.#artefacts = artefacts;
    this.#context = context;
    this.#imports = importsFor(context);
    this.#instance = this.#make();
  }

  start(request: RunRequest): GuestTurn {
    const { capabilities, language, valueBytes } = this.#context;
    this.#refusalsBefore = this.#instance?.refusals() ?? 0;
    return this.#enter(
      TURN.start,
      encodeMessage({
        source: request.source,
        filename: request.filename,
        args: request.args,
        env: [...capabilities.environment.env],
        modules: [...(request.modules ?? [])],
        typescript: language === "typescript",
        tools: capabilities.tools.names,
        network: capabilities.http !== undefined,
        valueBytes,
      }),
    );
  }

  resume(settlements: readonly ToolSettlement[]): GuestTurn {
    // On a clock that doesn't move (a fixed one) no timer would ever be due; the host has slept as that clock sleeps.
    const { clock } = this.#context.capabilities;
    const wake = settlements.length === 0 && clock.kind !== "real" && clock.monotonic() === this.#waitingSinceMs;
    return this.#enter(TURN.resume, encodeMessage({ settlements, wake }));
  }

  /**
   * An instance that was stopped, or that has grown far, is given up here and made anew behind the caller's back: the result
   * of a run that was stopped at its deadline must not wait for it.
   */
  reset(): void {
    const instance = this.#instance;
    if (this.#closed || instance === undefined) return;
    const { image } = this.#artefacts;
    // A memory that has grown keeps its length. Nothing in it can tell: how much the guest has of it is part of its state.
    if (!this.#broken && restoreState(image, instance.state, MAX_GROWTH).kind === "restored") {
      this.#refusalsBefore = instance.refusals();
      return;
    }
    instance.release();
    const grown = instance.memory.buffer.byteLength - (image.memories[0]?.byteLength ?? 0);
    this.#spare = grown > MAX_GROWTH.maxGrowthBytes ? undefined : instance.memory;
    this.#instance = undefined;
    this.#broken = false;
    void this.#replaceLater();
  }

  prepare(): void {
    if (!this.#closed) this.#instance ??= this.#make();
  }

  close(): void {
    this.#closed = true;
    this.#instance?.release();
    this.#instance = undefined;
    this.#spare = undefined;
  }

  memoryBytes(): number {
    return this.#instance?.memoryBytes() ?? 0;
  }

  memoryRefused(): boolean {
    return this.#instance !== undefined && this.#instance.refusals() > this.#refusalsBefore;
  }

  #enter(kind: number, message: Uint8Array): GuestTurn {
    const instance = this.#open();
    if (this.#broken)
      throw new WardianError("internal", "Cannot enter a JavaScript guest that was stopped: reset it first");
    const { fuel, valueBytes } = this.#context;
    // Inside too: reading the guest's answer is work that its deadline must be able to end.
    const completion = fuel.enter(() =>
      decodeAnswer(instance.exports.turn(kind, message), valueBytes, () => fuel.check()),
    );
    if (completion.kind === "returned") {
      this.#waitingSinceMs = this.#context.capabilities.clock.monotonic();
      return this.#named(completion.value);
    }
    this.#broken = true;
    return { state: "stopped", reason: completion.reason };
  }

  /** The engine throws null when it has no memory left for an error. */
  #named(turn: GuestTurn): GuestTurn {
    if (
      turn.state !== "done" ||
      turn.outcome.kind !== "error" ||
      turn.outcome.error.message !== "Uncaught null" ||
      !this.memoryRefused()
    )
      return turn;
    return {
      state: "done",
      outcome: {
        kind: "error",
        error: { name: "InternalError", message: "out of memory", traceback: "InternalError: out of memory" },
      },
    };
  }

  async #replaceLater(): Promise<void> {
    try {
      // The result of the run that has just been stopped goes out first.
      await nextTask();
      this.prepare();
    } catch {
      // Out of memory, perhaps for now only: the next run tries again, and says so.
    }
  }

  /**
   * Takes the memory of the instance that was given up, if that has not grown far: a new one is millions of bytes more for the
   * collector to worry about, which costs several times what the rest of an instantiation does.
   */
  #make(): ComponentInstance {
    const { image } = this.#artefacts;
    const { fuel, memoryBytes } = this.#context;
    const spare = this.#spare;
    this.#spare = undefined;
    const memory = spare ?? memoryFor(image, memoryBytes);
    const instance = instantiateComponent(this.#artefacts, this.#imports, fuel, memory, memoryBytes);
    if (spare === undefined) startFromImage(image, instance.state);
    else restoreState(image, instance.state, MAX_GROWTH);
    this.#refusalsBefore = 0;
    return instance;
  }

  #open(): ComponentInstance {
    if (this.#closed) throw new WardianError("closed", "Cannot use a JavaScript guest: it is closed");
    return (this.#instance ??= this.#make());
  }
}

/** @throws WardianError "invalid-option" if `memoryBytes` is less than the boot image takes. */
function memoryFor(image: StateImage, memoryBytes: number): WebAssembly.Memory {
  const initial = (image.memories[0]?.byteLength ?? 0) / PAGE_BYTES;
  const maximum = Math.floor(memoryBytes / PAGE_BYTES);
  if (maximum < initial) {
    throw new WardianError(
      "invalid-option",
      `Cannot create a JavaScript guest: memoryBytes is ${memoryBytes}, its engine needs at least ${initial * PAGE_BYTES}`,
    );
  }
  return new WebAssembly.Memory({ initial, maximum });
}

function importsFor({ capabilities, fuel }: GuestContext): ComponentImports {
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
