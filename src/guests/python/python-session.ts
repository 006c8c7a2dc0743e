import { promising } from "../../engine/instance/suspending-check.ts";
import { viewState } from "../../engine/snapshot/capture-state.ts";
import { restoreState } from "../../engine/snapshot/restore-state.ts";
import { spareMemories } from "../../engine/snapshot/spare-memories.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import type { ToolSettlement } from "../../capabilities/tools/tool-calls.ts";
import { adoptState } from "../adopt-state.ts";
import { replyText } from "../reply-text.ts";
import type { GuestContext, GuestSession, GuestTurn, RunRequest, SessionState, YieldingSession } from "../guest.ts";
import { nextTask } from "../next-task.ts";
import { HostChannel } from "./host/host-channel.ts";
import { damagedLinks, readLinkState } from "./linker/link-journal.ts";
import type { LinkState } from "./linker/link-journal.ts";
import { loadSideModules } from "./linker/load-side-modules.ts";
import { captureHost, restoreHost } from "./host/host-state.ts";
import { PythonHost } from "./host/python-host.ts";
import { instantiatePython, instantiatePythonSync } from "./python-instance.ts";
import type { Linkable, PythonInstance, PythonParts } from "./python-instance.ts";
import { SITE_PACKAGES } from "./packages/installed-packages.ts";
import type { PythonRuntime } from "./python-runtime.ts";
import { turnOf } from "./python-turn.ts";

/** One live interpreter. */
export class PythonSession implements GuestSession {
  readonly #context: GuestContext;
  readonly #runtime: PythonRuntime;
  readonly #channel: HostChannel;
  readonly #host: PythonHost;
  /** What a new instance starts from and a reset goes back to. */
  readonly #origin: StateImage;
  /** What is linked in it. */
  readonly #originLinks: LinkState;
  readonly #linkable: Linkable | undefined;
  #instance: PythonInstance | undefined;
  /** Whether the instance is to be replaced before the next run, because it has grown too far to be put back in place. */
  #outgrown = false;
  /** Whether a replacement is on its way. */
  #replacing = false;
  /** Whether it is being computed in, or suspended or stopped in the middle of that. */
  #entered = false;
  /** Whether the prelude has yet to be told what differs between sandboxes. */
  #asleep = true;
  /** Whether the language's random generators are to start anew at the next entry. */
  #stale = false;
  /** When the run in progress is interrupted, as time left before its deadline; undefined: never. */
  #softMs: number | undefined;

  static async create(context: GuestContext, runtime: PythonRuntime): Promise<PythonSession> {
    const session = new PythonSession(context, runtime, await linkableOf(context, runtime));
    const instance = await instantiatePython(session.#parts(context.state?.image));
    if (context.state === undefined) session.#adopt(instance);
    else session.#goOn(instance, context.state);
    return session;
  }

  private constructor(context: GuestContext, runtime: PythonRuntime, linkable: Linkable | undefined) {
    this.#context = context;
    this.#runtime = runtime;
    this.#linkable = linkable;
    this.#originLinks = linksOf(context.originHost);
    this.#origin = context.origin ?? runtime.image;
    this.#channel = new HostChannel(
      context.capabilities.tools,
      context.valueBytes,
      context.capabilities.http,
      context.capabilities.denials,
      context.capabilities.displays,
    );
    this.#host = new PythonHost({
      gauge: context.fuel,
      capabilities: context.capabilities,
      channel: this.#channel,
      stdlib: runtime.stdlib,
      memoryBytes: context.memoryBytes,
      deadlockError: runtime.facts.deadlockError,
      yields: context.yields,
    });
  }

  #parts(image: StateImage = this.#origin): PythonParts {
    const onCheck = (): void => this.#onCheck();
    return { runtime: this.#runtime, host: this.#host, image, linkable: this.#linkable, onCheck };
  }

  prepare(): void {
    if (this.#outgrown) this.#replaceNow();
  }

  start(request: RunRequest): GuestTurn {
    return this.#enter(this.#startMessage(request));
  }

  resume(settlements: readonly ToolSettlement[]): GuestTurn {
    return this.#enter(this.#resumeMessage(settlements));
  }

  readonly yielding: YieldingSession = {
    start: async (request) => await this.#enterYielding(this.#startMessage(request)),
    resume: async (settlements) => await this.#enterYielding(this.#resumeMessage(settlements)),
  };

  #startMessage(request: RunRequest): string {
    const { environment, tools } = this.#context.capabilities;
    this.prepare();
    // Calls that the last run started and did not wait for are nobody's any more.
    this.#channel.clear();
    this.#host.memoryRefused = false;
    this.#softMs = request.softMs;
    const message = {
      op: "run",
      source: request.source,
      filename: request.filename,
      args: request.args,
      valueBytes: this.#context.valueBytes,
      ...(this.#asleep ? { env: Object.fromEntries(environment.env), tools: tools.names, path: this.#path } : {}),
      ...this.#takeReseed(),
    };
    this.#asleep = false;
    return JSON.stringify(message);
  }

  /** What is added to `sys.path`. */
  get #path(): readonly string[] {
    return this.#context.packages === undefined ? [] : [SITE_PACKAGES];
  }

  #resumeMessage(settlements: readonly ToolSettlement[]): string {
    const known = settlements.filter(({ id }) => this.#channel.settle(id));
    const replies = known.map(({ id, reply }) => [id, replyText(reply)]);
    return JSON.stringify({ op: "resume", settlements: replies, ...this.#takeReseed() });
  }

  /** Makes the run in progress raise KeyboardInterrupt at its next bytecode boundary. For use from inside a host call. */
  interrupt(): void {
    const { memory } = this.#host;
    memory.setU32(this.#runtime.facts.signalFlag, SIGINT);
    memory.setU32(this.#runtime.facts.signalClock, 0);
  }

  reset(): void {
    this.#channel.clear();
    this.#host.restart();
    this.#asleep = true;
    this.#stale = false;
    const instance = this.#live();
    instance.linker?.restore(this.#originLinks);
    if (restoreState(this.#origin, instance.state).kind === "restored") return;
    // Zeroing what it has grown by would cost more than a new instance, which is made while the host does other things.
    this.#outgrown = true;
    void this.#replace();
  }

  capture(): SessionState {
    this.prepare();
    return {
      image: viewState(this.#live().state),
      host: {
        ...captureHost(this.#host),
        links: this.#live().linker?.capture(),
        pending: this.#channel.pendingCalls,
        asleep: this.#asleep,
        stale: this.#stale,
        softMs: this.#softMs,
      },
    };
  }

  reseed(): void {
    this.#stale = true;
  }

  close(): void {
    const instance = this.#instance;
    this.#host.restart();
    this.#host.descriptors.closeAll();
    this.#channel.clear();
    instance?.cell.release();
    this.#instance = undefined;
    // One that a frame could still come back to is nobody else's.
    if (instance !== undefined && !this.#entered) spareMemories.give(instance.exports.memory, this.#host.memoryLimit);
  }

  memoryBytes(): number {
    return this.#instance?.exports.memory.buffer.byteLength ?? 0;
  }

  memoryRefused(): boolean {
    return this.#host.memoryRefused;
  }

  #adopt(instance: PythonInstance): void {
    // A prepared image may be forged; what has passed once passes again.
    if (instance === this.#instance) {
      instance.linker?.restore(this.#originLinks);
      restoreState(this.#origin, instance.state, UNBOUNDED);
    } else this.#fill(instance, this.#origin, this.#originLinks);
    this.#host.attach(instance);
    if (this.#instance !== instance) this.#instance?.cell.release();
    this.#instance = instance;
    this.#outgrown = false;
  }

  /** The instance goes on where another one stood. */
  #goOn(instance: PythonInstance, { image, host }: SessionState): void {
    this.#fill(instance, image, linksOf(host));
    this.#host.attach(instance);
    this.#instance = instance;
    const { pending, asleep, stale, softMs } = restoreHost(this.#host, host);
    this.#channel.expect(pending);
    this.#asleep = asleep;
    this.#stale = stale;
    this.#softMs = softMs;
  }

  #fill({ state, linker }: PythonInstance, image: StateImage, links: LinkState): void {
    const { memoryBytes } = this.#context;
    if (links.steps.length === 0) adoptState(image, state, memoryBytes);
    // Without the packages that it was taken with.
    else if (linker === undefined) throw damagedLinks();
    else adoptState(image, state, memoryBytes, () => linker.restore(links));
  }

  #takeReseed(): { readonly reseed?: true } {
    if (!this.#stale) return {};
    this.#stale = false;
    return { reseed: true };
  }

  /**
   * Waits for the event loop, which a caller may not turn for many runs: so there is one replacement at a time, and it
   * must not hold the outgrown instance, hundreds of megabytes of which would pile up.
   */
  async #replace(): Promise<void> {
    if (this.#replacing) return;
    this.#replacing = true;
    try {
      // The result of the run that has just been stopped goes out first.
      await nextTask();
      if (!this.#canReplace()) return;
      const fresh = await instantiatePython(this.#parts());
      // A run may have come first, or the end.
      if (this.#canReplace()) this.#adopt(fresh);
      else fresh.cell.release();
    } catch {
      // Out of memory, perhaps for now only: the next run tries again.
    } finally {
      this.#replacing = false;
    }
  }

  /** No run has come first (it replaces at once, and is over only when this is false again), nor the end. */
  #canReplace(): boolean {
    return this.#outgrown && this.#instance !== undefined;
  }

  /** The next run can't wait for the replacement. */
  #replaceNow(): void {
    try {
      this.#adopt(instantiatePythonSync(this.#parts()));
    } catch {
      // Some browsers refuse large modules on their main thread: then slowly, in place.
      this.#adopt(this.#live());
    }
  }

  #live(): PythonInstance {
    if (this.#instance === undefined) throw new Error("The Python session is closed");
    return this.#instance;
  }

  #enter(message: string): GuestTurn {
    const { exports } = this.#live();
    this.#channel.send(message);
    return this.#turn(() => exports.PyObject_CallNoArgs(this.#runtime.facts.entry));
  }

  async #enterYielding(message: string): Promise<GuestTurn> {
    const { exports } = this.#live();
    this.#channel.send(message);
    const call = promising(exports.PyObject_CallNoArgs);
    this.#entered = true;
    const entered = await this.#context.fuel.enterAsync(async () => await call(this.#runtime.facts.entry));
    return entered.kind === "stopped" ? { state: "stopped", reason: entered.reason } : this.#turn(() => entered.value);
  }

  /** `enter` answers with a reference to what the prelude's function returned, or with 0 if it raised. */
  #turn(enter: () => number): GuestTurn {
    const { exports } = this.#live();
    const { fuel, valueBytes } = this.#context;
    this.#entered = true;
    const completion = fuel.enter(() => {
      const result = enter();
      if (result === 0) exports.PyErr_Clear();
      else exports.Py_DecRef(result);
      // Still inside: reading what the guest reported is work that its deadline must be able to end.
      return turnOf(this.#channel.takeReport(), this.#channel.pendingCalls, valueBytes, () => fuel.check());
    });
    if (completion.kind === "stopped") return { state: "stopped", reason: completion.reason };
    this.#entered = false;
    return completion.value;
  }

  #onCheck(): void {
    if (this.#softMs === undefined || this.#context.fuel.remainingMs() > this.#softMs) return;
    this.#softMs = undefined;
    this.interrupt();
  }
}

async function linkableOf({ packages }: GuestContext, runtime: PythonRuntime): Promise<Linkable | undefined> {
  if (packages === undefined) return undefined;
  const sides = await loadSideModules(packages, () => runtime.linkage(), runtime.facts.stackLimit);
  return sides === undefined ? undefined : { sides, linkage: await runtime.linkage() };
}

/** What a captured host says of linked modules. */
function linksOf(host: unknown): LinkState {
  return readLinkState(typeof host === "object" && host !== null && "links" in host ? host.links : undefined);
}

const SIGINT = 2;

const UNBOUNDED = { maxGrowthBytes: Number.POSITIVE_INFINITY };
