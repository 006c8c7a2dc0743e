import { pendingCall } from "../../capabilities/tools/deferred-calls.ts";
import type { PendingCall } from "../../capabilities/tools/deferred-calls.ts";
import { WardianError } from "../../errors.ts";
import { abortedTurn } from "../../execution/execution.ts";
import type { FinalTurn, SuspendedTurn } from "../../execution/execution.ts";
import { driveYielding } from "../../execution/yielding/drive-yielding.ts";
import { driveInline, driveInlineSync } from "../../execution/inline.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import type { FileAnswer, FileRequest } from "../file-requests.ts";
import type { Limits } from "../limits.ts";
import { RESUME } from "../options.ts";
import type { ResolvedRunOptions } from "../options.ts";
import type { RunResult, SandboxState } from "../result.ts";
import type { SandboxDriver } from "../sandbox-driver.ts";
import { forkSandbox } from "../snapshot/fork-sandbox.ts";
import { FORK, SNAPSHOT } from "../snapshot/snapshot-options.ts";
import type { ResolvedForkOptions, ResolvedSnapshotOptions } from "../snapshot/snapshot-options.ts";
import { takeSnapshot } from "../snapshot/take-snapshot.ts";
import type { SnapshotTold } from "../snapshot/take-snapshot.ts";
import { beginRun, resumeRun } from "./begin-run.ts";
import type { RunInProgress } from "./begin-run.ts";
import { endRun, suspendRun } from "./end-run.ts";
import { performFileRequest } from "./perform-file-request.ts";
import { resolveAnswers } from "./resolve-answers.ts";
import type { CallAnswer } from "./resolve-answers.ts";
import type { SuspendedRun } from "./suspended-run.ts";

/** A guest on this thread. */
export class LocalSandbox implements SandboxDriver {
  readonly #parts: SandboxParts;
  #state: "idle" | "running" | "closed" = "idle";
  /** The run that waits for its caller's answers. */
  #suspended: SuspendedRun | undefined;
  /** How many forks were made: each gets random numbers of its own. */
  #forks = 0;
  /** Aborts the run in progress when `close` is called. */
  readonly #closing = new AbortController();

  constructor(parts: SandboxParts, suspended?: SuspendedRun) {
    this.#parts = parts;
    this.#suspended = suspended;
  }

  readonly awaitsInput = false;

  get limits(): Limits {
    return this.#parts.options.limits;
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  get pending(): readonly PendingCall[] | undefined {
    return this.#suspended?.calls.map(pendingCall);
  }

  async run(source: string, options: ResolvedRunOptions, action: string): Promise<RunResult> {
    const run = this.#begin(source, options, action, true);
    return this.#end(run, await this.#drive(run));
  }

  async resume(answers: readonly CallAnswer[], signal: AbortSignal | undefined): Promise<RunResult> {
    this.#mustBeIdle(RESUME);
    const suspended = this.#suspended;
    if (suspended === undefined) throw new WardianError("not-suspended", `${RESUME}: no run is suspended`);
    const resolved = resolveAnswers(answers, suspended.calls, RESUME);
    const run = resumeRun(this.#parts, suspended, { answers: resolved, signal, closing: this.#closing.signal });
    this.#suspended = undefined;
    this.#state = "running";
    return this.#end(run, await this.#drive(run));
  }

  runSync(source: string, options: ResolvedRunOptions, action: string): RunResult {
    if (this.#parts.seat !== undefined)
      throw new WardianError("unsupported", `${action}: runSync needs execution "inline"; use run()`);
    const run = this.#begin(source, options, action, false);
    let turn: FinalTurn;
    try {
      turn = driveInlineSync(run.drive);
    } catch (cause) {
      turn = { state: "stopped", reason: { kind: "host-error", cause } };
    }
    return this.#end(run, turn);
  }

  async fork({ identical }: ResolvedForkOptions): Promise<SandboxDriver> {
    this.#mustBeIdle(FORK);
    this.#forks += 1;
    const suspended = this.#suspended;
    const reseed = identical ? undefined : `fork ${this.#forks}`;
    return await this.#undisturbed(
      async () => new LocalSandbox(await forkSandbox(this.#parts, suspended, reseed), suspended),
    );
  }

  async snapshot(options: ResolvedSnapshotOptions, told?: SnapshotTold): Promise<Uint8Array<ArrayBuffer>> {
    this.#mustBeIdle(SNAPSHOT);
    return await takeSnapshot(
      this.#parts,
      () => {
        this.#mustBeIdle(SNAPSHOT);
        return this.#suspended;
      },
      options,
      told,
    );
  }

  // oxlint-disable-next-line typescript/require-await -- other drivers wait
  async files(request: FileRequest, action: string): Promise<FileAnswer> {
    this.#mustBeIdle(action);
    return performFileRequest(this.#parts.files, request);
  }

  // oxlint-disable-next-line typescript/require-await -- other drivers wait; here all is done when the call returns
  async reset(): Promise<void> {
    this.#mustBeIdle("Cannot reset the sandbox");
    this.#suspended = undefined;
    const { session, files, clock, random } = this.#parts;
    clock.reset?.();
    random.reset?.();
    session.reset();
    files.reset();
    this.#parts.boundary?.restart();
  }

  close(): void {
    if (this.#state === "running") {
      // The guest may be on the stack below (close called from a tool): the run's own end does the rest.
      this.#closing.abort(new WardianError("closed", "The sandbox was closed"));
      return;
    }
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#parts.session.close();
    this.#parts.files.dispose();
  }

  /** For work that reads the guest's memory while it waits: nothing may enter the guest meanwhile. */
  async #undisturbed<T>(work: () => Promise<T>): Promise<T> {
    this.#state = "running";
    try {
      return await work();
    } finally {
      this.#state = "idle";
      if (this.#closing.signal.aborted) this.close();
    }
  }

  #mustBeIdle(action: string): void {
    if (this.#state === "closed") throw new WardianError("closed", `${action}: the sandbox is closed`);
    if (this.#state === "running") throw new WardianError("busy", `${action}: a run is in progress; await it first`);
  }

  #begin(source: string, given: ResolvedRunOptions, action: string, allowAsync: boolean): RunInProgress {
    this.#mustBeIdle(action);
    if (this.#suspended !== undefined)
      throw new WardianError("busy", `${action}: a run is suspended; resume it, or reset the sandbox`);
    if (given.call !== undefined) this.#parts.session.checkCall?.(given.call);
    const closing = this.#closing.signal;
    const run = beginRun(this.#parts, { source, given, action, allowAsync, closing });
    this.#state = "running";
    return run;
  }

  async #drive(run: RunInProgress): Promise<FinalTurn | SuspendedTurn> {
    const { signal } = run.drive;
    if (signal?.aborted === true) return abortedTurn(signal);
    try {
      const { seat } = this.#parts;
      return await (seat === undefined ? driveInline(run.drive) : driveYielding(run.drive, seat));
    } catch (cause) {
      return { state: "stopped", reason: { kind: "host-error", cause } };
    }
  }

  #end(run: RunInProgress, lastTurn: FinalTurn | SuspendedTurn): RunResult {
    const closing = this.#closing.signal;
    const turn = closing.aborted ? abortedTurn(closing) : lastTurn;
    if (turn.state === "suspended") return this.#suspend(run, turn);
    return endRun(this.#parts, run, turn, (ended) => this.#recover(ended));
  }

  #suspend(run: RunInProgress, turn: SuspendedTurn): RunResult {
    const { suspension } = run.calls;
    if (suspension === undefined)
      throw new WardianError("internal", "Cannot suspend a run that its caller did not ask for");
    const { result, suspended } = suspendRun(this.#parts, run, suspension, turn);
    this.#state = "idle";
    this.#suspended = suspended;
    return result;
  }

  /** After a stop the guest's memory is in the middle of something: back to the start, or, if even that fails, away with it. */
  #recover(turn: FinalTurn): SandboxState {
    this.#state = "idle";
    if (this.#closing.signal.aborted) {
      this.close();
      return "closed";
    }
    if (turn.state === "done" && (turn.outcome.kind !== "exit" || turn.outcome.orderly === true)) return "kept";
    try {
      this.#parts.session.reset();
      // What the guest held open went with its memory; what it keeps from run to run stays open.
      this.#parts.files.closeAll();
      return "reset";
    } catch {
      this.close();
      return "closed";
    }
  }
}
