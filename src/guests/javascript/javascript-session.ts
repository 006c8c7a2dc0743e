import { viewState } from "../../engine/snapshot/capture-state.ts";
import { restoreState } from "../../engine/snapshot/restore-state.ts";
import { spareMemories } from "../../engine/snapshot/spare-memories.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import { adoptState } from "../adopt-state.ts";
import type { GuestContext, GuestSession, GuestTurn, RunRequest, SessionState, YieldingSession } from "../guest.ts";
import type { ToolSettlement } from "../../capabilities/tools/tool-calls.ts";
import { memoryFor } from "../memory-for.ts";
import { nextTask } from "../next-task.ts";
import type { Artefacts } from "./artefacts.ts";
import { instantiateComponent } from "./component-instance.ts";
import type { ComponentInstance } from "./component-instance.ts";
import { importsFor } from "./imports-for.ts";
import { startFromImage } from "./start-from-image.ts";
import { TURN } from "./operations.ts";
import { decodeAnswer, encodeMessage } from "./protocol.ts";
import type { ComponentImports } from "#runtimes/javascript";

/** Zeroing more than this takes longer than a new memory does, the collector's work for it included. */
const MAX_GROWTH = { maxGrowthBytes: 16 * 2 ** 20 };

/** One live QuickJS. State persists between runs; a stopped run leaves it unusable until `reset`. */
export class JavascriptSession implements GuestSession {
  readonly #artefacts: Artefacts;
  readonly #context: GuestContext;
  readonly #imports: ComponentImports;
  /** What a new instance starts from and a reset goes back to. */
  readonly #origin: StateImage;
  #instance: ComponentInstance | undefined;
  /** Trapped or left in the middle of a call: nothing may enter it again. */
  #broken = false;
  /** Whether it is being computed in, or suspended in the middle of that. */
  #entered = false;
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
    this.#origin = context.origin ?? artefacts.image;
    this.#instance = this.#first(context);
  }

  start(request: RunRequest): GuestTurn {
    return this.#enter(TURN.start, this.#startMessage(request));
  }

  resume(settlements: readonly ToolSettlement[]): GuestTurn {
    return this.#enter(TURN.resume, this.#resumeMessage(settlements));
  }

  readonly yielding: YieldingSession = {
    start: async (request) => await this.#enterYielding(TURN.start, this.#startMessage(request)),
    resume: async (settlements) => await this.#enterYielding(TURN.resume, this.#resumeMessage(settlements)),
  };

  #startMessage(request: RunRequest): Uint8Array {
    const { capabilities, language, valueBytes } = this.#context;
    this.#refusalsBefore = this.#instance?.refusals() ?? 0;
    return encodeMessage({
      source: request.source,
      filename: request.filename,
      args: request.args,
      env: [...capabilities.environment.env],
      modules: [...(request.modules ?? [])],
      typescript: language === "typescript",
      tools: capabilities.tools.names,
      network: capabilities.http !== undefined,
      valueBytes,
    });
  }

  #resumeMessage(settlements: readonly ToolSettlement[]): Uint8Array {
    // On a clock that doesn't move (a fixed one) no timer would ever be due; the host has slept as that clock sleeps.
    const { clock } = this.#context.capabilities;
    const wake = settlements.length === 0 && clock.kind !== "real" && clock.monotonic() === this.#waitingSinceMs;
    return encodeMessage({ settlements, wake });
  }

  /**
   * An instance that was stopped, or that has grown far, is given up here and made anew behind the caller's back: the result
   * of a run that was stopped at its deadline must not wait for it.
   */
  reset(): void {
    const instance = this.#instance;
    if (this.#closed || instance === undefined) return;
    const image = this.#origin;
    // A memory that has grown keeps its length. Nothing in it can tell: how much the guest has of it is part of its state.
    if (!this.#broken && restoreState(image, instance.state, MAX_GROWTH).kind === "restored") {
      instance.unseed();
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
    const instance = this.#instance;
    this.#closed = true;
    instance?.release();
    this.#instance = undefined;
    this.#spare = undefined;
    // One that a frame could still come back to is nobody else's.
    if (instance !== undefined && !this.#broken && !this.#entered)
      spareMemories.give(instance.memory, this.#context.memoryBytes);
  }

  capture(): SessionState {
    const instance = this.#open();
    const { memories, ...rest } = viewState(instance.state);
    // What the memory has more than the guest is from before a reset.
    return {
      image: { ...rest, memories: memories.map(({ runs }) => ({ byteLength: instance.memoryBytes(), runs })) },
      host: null,
    };
  }

  reseed(): void {
    const state = new Uint8Array(8);
    this.#context.capabilities.random.fill(state);
    // All zeros is the fixed point of the engine's xorshift64*.
    if (state.every((byte) => byte === 0)) state[0] = 1;
    this.#open().seedRandom(state);
  }

  memoryBytes(): number {
    return this.#instance?.memoryBytes() ?? 0;
  }

  memoryRefused(): boolean {
    return this.#instance !== undefined && this.#instance.refusals() > this.#refusalsBefore;
  }

  #enter(kind: number, message: Uint8Array): GuestTurn {
    const instance = this.#enterable();
    return this.#turn(() => instance.exports.turn(kind, message));
  }

  async #enterYielding(kind: number, message: Uint8Array): Promise<GuestTurn> {
    const { turnYielding } = this.#enterable();
    this.#entered = true;
    const entered = await this.#context.fuel.enterAsync(async () => await turnYielding(kind, message));
    this.#entered = false;
    if (entered.kind === "returned") return this.#turn(() => entered.value);
    this.#broken = true;
    return { state: "stopped", reason: entered.reason };
  }

  /** `enter` answers with the guest's answer. */
  #turn(enter: () => Uint8Array): GuestTurn {
    const { fuel, valueBytes } = this.#context;
    // Inside too: reading the guest's answer is work that its deadline must be able to end.
    this.#entered = true;
    const completion = fuel.enter(() => decodeAnswer(enter(), valueBytes, () => fuel.check()));
    this.#entered = false;
    if (completion.kind === "returned") {
      this.#waitingSinceMs = this.#context.capabilities.clock.monotonic();
      return this.#named(completion.value);
    }
    this.#broken = true;
    return { state: "stopped", reason: completion.reason };
  }

  #enterable(): ComponentInstance {
    const instance = this.#open();
    if (this.#broken)
      throw new WardianError("internal", "Cannot enter a JavaScript guest that was stopped: reset it first");
    return instance;
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
    const image = this.#origin;
    const { fuel, memoryBytes, yields } = this.#context;
    const spare = this.#spare;
    this.#spare = undefined;
    const memory = spare ?? memoryFor("JavaScript", image, memoryBytes);
    const instance = instantiateComponent(this.#artefacts, this.#imports, fuel, memory, memoryBytes, yields);
    if (spare === undefined) startFromImage(image, instance.state);
    else restoreState(image, instance.state, MAX_GROWTH);
    instance.unseed();
    this.#refusalsBefore = 0;
    return instance;
  }

  /** What comes from outside of the package is checked here, once: later instances start from the origin as it is. */
  #first({ state, origin }: GuestContext): ComponentInstance {
    if (state !== undefined) return this.#adopt(state.image);
    if (origin === undefined) return this.#make();
    const instance = this.#adopt(origin);
    instance.unseed();
    return instance;
  }

  /** An instance that goes on where another one stood. */
  #adopt(image: StateImage): ComponentInstance {
    const { fuel, memoryBytes, capabilities, yields } = this.#context;
    const memory = memoryFor("JavaScript", this.#artefacts.image, memoryBytes, image);
    const instance = instantiateComponent(this.#artefacts, this.#imports, fuel, memory, memoryBytes, yields);
    adoptState(image, instance.state, memoryBytes);
    // A forged count of pages would make growing free, or worse.
    if (!instance.wholeMemory())
      throw new WardianError("invalid-snapshot", "Cannot restore a snapshot: the guest's memory has another size");
    this.#waitingSinceMs = capabilities.clock.monotonic();
    return instance;
  }

  #open(): ComponentInstance {
    if (this.#closed) throw new WardianError("closed", "Cannot use a JavaScript guest: it is closed");
    return (this.#instance ??= this.#make());
  }
}
