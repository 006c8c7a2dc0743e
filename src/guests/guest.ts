import type { Clock } from "../capabilities/clock.ts";
import type { DenialSink } from "../capabilities/denials/denial-log.ts";
import type { Environment, InputSource } from "../capabilities/environment.ts";
import type { FileView } from "../capabilities/files/file-view.ts";
import type { HttpCalls } from "../capabilities/network/http-calls.ts";
import type { DisplaySink, OutputSink } from "../capabilities/output.ts";
import type { Random } from "../capabilities/random.ts";
import type { ToolCalls, ToolSettlement } from "../capabilities/tools/tool-calls.ts";
import type { FuelGauge, StopReason } from "../engine/instance/fuel-gauge.ts";
import type { StateImage } from "../engine/snapshot/state-image.ts";
import type { GuestModule, ModuleKind } from "./module/guest-module.ts";
import type { InstalledPackages } from "./python/packages/installed-packages.ts";

/**
 * A language that runs in a sandbox. "typescript" is the JavaScript guest with types stripped inside it; those after "python"
 * come from optional peer packages.
 */
export type Language = "javascript" | "typescript" | "python" | "lua" | "ruby" | "php" | "perl" | "sql" | "bash";

/** What runs in a sandbox: sources of a language, or a Wasm binary of the caller's. */
export type GuestKind = Language | ModuleKind;

/** The powers of one sandbox, as its guest's codecs see them. Plain objects; the sandbox owns them. */
export interface GuestCapabilities {
  readonly files: FileView;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Environment;
  readonly output: OutputSink;
  /** Where rich results go; without it they are dropped. */
  readonly displays?: DisplaySink | undefined;
  /** The standard input of the run in progress. */
  readonly input: InputSource;
  readonly tools: ToolCalls;
  /** Undefined: nothing is granted, the guest has no network at all. */
  readonly http?: HttpCalls | undefined;
  /** Where a guest's host side notes what it refused: calls that no sandbox provides, a network that was not granted. */
  readonly denials: DenialSink;
}

/** Where a guest gets its built artefacts (metered Wasm, snapshot, standard library) from; a platform provides it. */
export interface RuntimeAssets {
  /** The bytes of `dist/runtimes/<name>`, for example "python/python.wasm". Throws a WardianError with code "asset" if it is not there. */
  bytes(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The compiled module of `dist/runtimes/<name>`; compiled once in a process. */
  module(name: string): Promise<WebAssembly.Module>;
  /** A file of an installed package, for example ("wasmoon", "dist/glue.wasm"). Rejects if it is not there. */
  peerFile(packageName: string, file: string): Promise<Uint8Array<ArrayBuffer>>;
}

export interface GuestContext {
  readonly language: GuestKind;
  /** The binary to run, for the kinds that are one. */
  readonly module?: GuestModule | undefined;
  /** Where directories are mounted: absolute guest paths. */
  readonly mountPoints: readonly string[];
  /** SHA-256 in hexadecimal: what was made of a binary is found again by it. */
  readonly digest: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
  /** Runs generated glue as the body of a function, and resolves with what it returns. */
  readonly evaluate: (body: string) => Promise<unknown>;
  readonly capabilities: GuestCapabilities;
  readonly assets: RuntimeAssets;
  /** Armed by the execution for each run; the session enters the guest only through `fuel.enter`. */
  readonly fuel: FuelGauge;
  /** Whether the guest may be suspended while it computes: the engine can, and the gauge has a `pause`. Default: no. */
  readonly yields?: boolean | undefined;
  /** Hard cap of linear memory in bytes (a multiple of 65,536). */
  readonly memoryBytes: number;
  /** How long the encoded value of a run may be, in bytes. */
  readonly valueBytes: number;
  /** Wheels, for Python; they are mounted already. */
  readonly packages?: InstalledPackages | undefined;
  /** What the session starts from, and what its `reset` goes back to: a prepared image. Default: the guest's own start. */
  readonly origin?: StateImage | undefined;
  /** What the guest's host keeps beside that image; it may be forged. */
  readonly originHost?: unknown;
  /** What the session is to go on with at once, in place of its origin: a fork's or a snapshot's. */
  readonly state?: SessionState | undefined;
}

/**
 * All that makes a session go on where another one stood: between two runs, or while a run waits. It may come out of a
 * snapshot, forged: a guest checks what its host keeps, and the image can harm nobody but the guest.
 */
export interface SessionState {
  /** Captured as a view: right until the session that it was taken from is entered again. */
  readonly image: StateImage;
  /** What the guest's host keeps beside the instance, such as open descriptors, as JSON data. */
  readonly host: unknown;
}

/** What the guest of a binary tells its snapshots from those of others by. */
export type SnapshotBinary = Pick<GuestContext, "module" | "digest">;

/** What snapshots of a language are written as the difference to, and which module they belong to. */
export interface SnapshotBase {
  /** Tells this image of the package from that of any other version. */
  readonly identity: string;
  /** SHA-256 of the module that the state belongs to. */
  readonly moduleDigest: Uint8Array;
  /** {@link EMPTY_IMAGE} for a guest that has none of its own: its snapshots are then whole. */
  readonly image: StateImage;
}

/** A kind of guest. One object per process; it caches what sessions share (compiled modules, the snapshot to start from). */
export interface Guest {
  readonly kinds: readonly GuestKind[];
  /** @throws WardianError "invalid-snapshot" if the context's `state` is none of this guest's. */
  create(context: GuestContext): Promise<GuestSession>;
  /** Absent: this guest has no snapshots and no forks. */
  snapshotBase?(kind: GuestKind, assets: RuntimeAssets, binary: SnapshotBinary): Promise<SnapshotBase>;
}

/** The two ways into a guest that may be suspended while it computes: the event loop goes on meanwhile. */
export interface YieldingSession {
  start(request: RunRequest): Promise<GuestTurn>;
  resume(settlements: readonly ToolSettlement[]): Promise<GuestTurn>;
}

/** One live guest. Not re-entrant: between `start` and the turn that ends the run only `resume` may be called. */
export interface GuestSession {
  /** Asks the run in progress to end by itself (Python: KeyboardInterrupt). To be called from inside a host call, such as a tool. */
  interrupt?(): void;
  /** Called before each run's budget is armed: finishes what a reset has put off, so that it does not count as the run's time. */
  prepare?(): void;
  /** Throws a TypeError or WardianError for a call that cannot be made. Absent: the guest has no functions to call. */
  checkCall?(call: GuestCall): void;
  /** Enters the guest with a new source or call. Never throws for what the guest does. */
  start(request: RunRequest): GuestTurn;
  /** Goes on after a `waiting` turn: delivers ended tool calls and requests, fires timers that are due. */
  resume(settlements: readonly ToolSettlement[]): GuestTurn;
  /** Used in place of `start` and `resume` if the context said `yields`. Absent: this guest can't be suspended. */
  readonly yielding?: YieldingSession | undefined;
  /** Between two runs or after a `waiting` turn. Absent, with `reseed`: this guest has no snapshots and no forks. */
  capture?(): SessionState;
  /**
   * Has the language's own random generators start anew, from the sandbox's source, at the next entry: a fork or a restored
   * guest would else draw what its original draws.
   */
  reseed?(): void;
  /** Back to the state after creation. Also the cure after a `stopped` turn and after an abandoned `waiting` one. */
  reset(): void;
  close(): void;
  /** Bytes of linear memory now; memory only grows until reset. */
  memoryBytes(): number;
  /** Whether the guest asked for more memory than its cap since the last `start`. */
  memoryRefused(): boolean;
}

export interface RunRequest {
  /** Empty for a binary. */
  readonly source: string;
  /** What is called, for a binary that stays. */
  readonly call?: GuestCall | undefined;
  /** What tracebacks call the source; also decides script or module in JavaScript (".mjs", ".mts" are modules). */
  readonly filename: string;
  readonly args: readonly string[];
  /** Whether an import may hold the thread until some time has passed: it is the guest's own, or the caller said so. Default: no. */
  readonly mayBlock?: boolean | undefined;
  /** Inline modules that a JavaScript source may import: specifier → source. */
  readonly modules?: ReadonlyMap<string, string> | undefined;
  /**
   * Python: raise KeyboardInterrupt in the guest when so many milliseconds are left before the deadline, so that it can clean up.
   * The hard stop follows at the deadline. Default: no such warning.
   */
  readonly softMs?: number | undefined;
}

/** One call of an export. */
export interface GuestCall {
  /** The export's name; of an interface's function "interface#function". */
  readonly name: string;
  readonly args: readonly unknown[];
}

export type GuestTurn =
  | { readonly state: "done"; readonly outcome: GuestOutcome }
  /** Nothing to do until a call of `callIds` settles or the guest's monotonic clock reaches `wakeAtMs`. Both absent: the guest waits for nothing that can come. */
  | { readonly state: "waiting"; readonly callIds: readonly number[]; readonly wakeAtMs: number | undefined }
  /** Stopped by force: the session must be reset before it is used again. */
  | { readonly state: "stopped"; readonly reason: StopReason };

export type GuestOutcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: GuestError }
  /** The guest's own `sys.exit(n)` or the like. `orderly`: the guest can be entered again as it is. */
  | { readonly kind: "exit"; readonly code: number; readonly orderly?: boolean }
  /** The value was longer than `valueBytes`, or nested deeper than the codec allows. */
  | { readonly kind: "value-too-large"; readonly allowed: number };

/** The guest's own uncaught error, as text. Bounded in every field; never a host path or host frame. */
export interface GuestError {
  readonly name: string;
  readonly message: string;
  /** In the language's own form, guest lines only. */
  readonly traceback: string;
  /** Line in the run's source, from 1. */
  readonly line?: number;
}
