import type { Completion, StopReason } from "../../../engine/instance/fuel-gauge.ts";
import { viewState } from "../../../engine/snapshot/capture-state.ts";
import { restoreState } from "../../../engine/snapshot/restore-state.ts";
import type { GuestState, StateImage } from "../../../engine/snapshot/state-image.ts";
import { WardianError } from "../../../errors.ts";
import { Preview1Host } from "../../../wasi/preview1/host/preview1-host.ts";
import { adoptState } from "../../adopt-state.ts";
import type { GuestContext, GuestOutcome, GuestSession, GuestTurn, RunRequest, SessionState } from "../../guest.ts";
import { isNearCap } from "../../module/memory-watch.ts";
import { HostFile } from "../host-file/host-file.ts";
import { readReport } from "../host-file/read-report.ts";
import { languageDevices } from "../language-devices.ts";
import { linkInterpreter } from "./link-interpreter.ts";
import type { LinkedInterpreter } from "./link-interpreter.ts";
import type { PreparedInterpreter } from "./prepare-interpreter.ts";

/** A live interpreter of a language that came in a package: what a run defines is there in the next one. */
export class InterpreterSession implements GuestSession {
  readonly #prepared: PreparedInterpreter;
  readonly #context: GuestContext;
  readonly #host: Preview1Host;
  readonly #file: HostFile;
  /** What a new instance starts from and a reset goes back to. */
  readonly #origin: StateImage;
  #linked: LinkedInterpreter | undefined;
  /** Whether the prelude has yet to be told what differs between sandboxes. */
  #asleep = true;
  /** Whether its descriptors are open: the first run pays for them. */
  #opened = false;

  /** @throws WardianError "invalid-snapshot" if the context's state is none of this language's. */
  static create(prepared: PreparedInterpreter, context: GuestContext): InterpreterSession {
    const session = new InterpreterSession(prepared, context);
    const { state } = context;
    if (state === undefined) session.#linked = session.#make(session.#origin);
    else {
      session.#linked = session.#make(state.image);
      session.#asleep = asleepOf(state.host);
    }
    return session;
  }

  private constructor(prepared: PreparedInterpreter, context: GuestContext) {
    const { capabilities, fuel, valueBytes } = context;
    this.#prepared = prepared;
    this.#context = context;
    this.#origin = context.origin ?? prepared.image;
    this.#file = new HostFile({ tools: capabilities.tools, fuel, valueBytes });
    this.#host = new Preview1Host(fuel, capabilities, languageDevices(this.#file, capabilities));
  }

  prepare(): void {
    this.#linked ??= this.#make(this.#origin);
  }

  start(request: RunRequest): GuestTurn {
    this.prepare();
    const linked = this.#linked;
    if (linked === undefined) throw new WardianError("internal", "Cannot enter an interpreter that is closed");
    const { fuel, valueBytes, capabilities } = this.#context;
    this.#file.send(
      JSON.stringify({
        source: request.source,
        filename: request.filename,
        args: request.args,
        ...(this.#asleep ? { env: Object.fromEntries(capabilities.environment.env), seed: this.#seed() } : {}),
      }),
    );
    this.#asleep = false;
    const completion = fuel.enter(() => {
      this.#open();
      if (!this.#prepared.driver.enter(linked.live, this.#prepared.booted, this.#file)) return undefined;
      // Still inside: reading what the guest reported is work that its deadline must be able to end.
      return readReport(this.#file.takeReport(), valueBytes, () => fuel.check());
    });
    const last = readReport(this.#file.takeReport(), valueBytes, () => fuel.check());
    return turnOf(completion, last, this.memoryRefused());
  }

  resume(): GuestTurn {
    throw new WardianError("internal", "Cannot resume an interpreter: it never waits");
  }

  reset(): void {
    this.#file.clear();
    this.#asleep = true;
    this.#endProcess();
    const state = this.#linked && stateOf(this.#linked);
    if (state !== undefined && restoreState(this.#origin, state).kind === "restored") return;
    // Zeroing what it has grown by would cost more than a new instance, which the next run makes.
    this.#drop();
  }

  capture(): SessionState {
    this.prepare();
    const linked = this.#linked;
    if (linked === undefined) throw new WardianError("internal", "Cannot copy an interpreter that is closed");
    if (this.#host.descriptors.count > STANDARD_DESCRIPTORS)
      throw new WardianError(
        "unsupported",
        `Cannot copy a sandbox of ${this.#prepared.driver.language}: files are open, and open files cannot be copied`,
      );
    return { image: viewState(stateOf(linked)), host: { asleep: this.#asleep } };
  }

  reseed(): void {
    this.#asleep = true;
  }

  close(): void {
    this.#file.clear();
    this.#endProcess();
    this.#drop();
  }

  memoryBytes(): number {
    return this.#linked?.instance.memory?.buffer.byteLength ?? 0;
  }

  memoryRefused(): boolean {
    return isNearCap(this.memoryBytes(), this.#context.memoryBytes);
  }

  #make(image: StateImage): LinkedInterpreter {
    const { memoryBytes } = this.#context;
    const linked = linkInterpreter(this.#prepared, this.#prepared.driver, this.#host, {
      file: this.#file,
      memoryBytes,
    });
    adoptState(image, stateOf(linked), memoryBytes);
    return linked;
  }

  #open(): void {
    if (this.#opened) return;
    // The interpreter's C library has noted in its image what is open from the start: the root, and nothing else.
    this.#host.begin({ args: [this.#prepared.driver.language], env: new Map(), preopens: ["/"] });
    this.#opened = true;
  }

  #endProcess(): void {
    this.#host.end();
    this.#opened = false;
  }

  #drop(): void {
    this.#linked?.instance.cell.release();
    this.#linked = undefined;
  }

  /** For generators that are seeded when an interpreter starts, which for this one is long ago. */
  #seed(): number {
    const bytes = new Uint8Array(4);
    this.#context.capabilities.random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0);
  }
}

/** Standard streams and the root directory. */
const STANDARD_DESCRIPTORS = 4;

function stateOf({ instance }: LinkedInterpreter): GuestState {
  const { memories, globals } = instance.state;
  return { memories, globals };
}

function asleepOf(host: unknown): boolean {
  const { asleep } = (typeof host === "object" && host !== null ? host : {}) as Readonly<Record<string, unknown>>;
  if (typeof asleep === "boolean") return asleep;
  throw new WardianError("invalid-snapshot", "Cannot restore a snapshot: what the host kept of the guest is damaged");
}

/** The prelude reports in every case: its silence means that the guest has broken the prelude's own state. */
const SILENT: StopReason = { kind: "trap", message: "the interpreter ended the run without a report" };

/** `last`: what an interpreter that broke had said before. */
function turnOf(
  completion: Completion<GuestOutcome | undefined>,
  last: GuestOutcome | undefined,
  memoryRefused: boolean,
): GuestTurn {
  if (completion.kind === "returned") {
    return completion.value === undefined
      ? { state: "stopped", reason: SILENT }
      : { state: "done", outcome: completion.value };
  }
  const { reason } = completion;
  // Stopped in the middle of something: an exit that is not orderly has the instance reset.
  if (last?.kind === "exit" && (reason.kind === "exit" || reason.kind === "unreachable" || reason.kind === "trap"))
    return { state: "done", outcome: { ...last, orderly: false } };
  if (reason.kind !== "exit") return { state: "stopped", reason };
  // Interpreters exit by themselves when they get no memory.
  if (memoryRefused) return { state: "stopped", reason: { kind: "memory" } };
  return { state: "done", outcome: { kind: "exit", code: reason.code } };
}
