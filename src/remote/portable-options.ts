import type { FileSystem, PortableFileSystem } from "../capabilities/files/file-system.ts";
import type { InputSource } from "../capabilities/environment.ts";
import type { RandomSeed } from "../capabilities/random/seeded-random.ts";
import { WardianError } from "../errors.ts";
import type { GuestCall, GuestKind } from "../guests/guest.ts";
import type { ClockOption } from "../sandbox/clock-option.ts";
import type { Limits } from "../sandbox/limits.ts";
import type { ResolvedOptions, ResolvedRunOptions } from "../sandbox/options.ts";
import { portableImage } from "./portable-image.ts";
import type { PortableImage } from "./portable-image.ts";

/** Options of a sandbox as they travel: plain data. What is live (tools, transports, callbacks) stays with the host and is asked there. */
export interface PortableOptions {
  readonly language: GuestKind;
  /** Bytes of a binary go along; their compiled form does not. */
  readonly module: ResolvedOptions["module"];
  readonly image: PortableImage | undefined;
  readonly limits: Limits;
  readonly mounts: readonly PortableMount[];
  /** Wheels that were read and compared with their lock. */
  readonly packages: readonly Uint8Array<ArrayBuffer>[];
  readonly granted: boolean;
  readonly toolNames: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly args: readonly string[];
  readonly stdin: PortableInput;
  readonly clock: Exclude<ClockOption, { now(): number }>;
  readonly random: "secure" | { readonly seed: RandomSeed };
  /** Whether somebody wants the output as it comes. */
  readonly streams: boolean;
  readonly output: ResolvedOptions["output"];
  readonly graceMs: number | undefined;
  readonly record: ResolvedOptions["record"];
}

/** One directory at one or more places. */
export interface PortableMount {
  readonly paths: readonly string[];
  readonly system: PortableFileSystem;
}

/** "host": read from there, piece by piece. */
export type PortableInput = string | Uint8Array | { readonly from: "host" };

export interface PortableRunOptions {
  readonly call: GuestCall | undefined;
  readonly stdin: PortableInput | undefined;
  readonly args: readonly string[] | undefined;
  readonly filename: string | undefined;
  readonly modules: ReadonlyMap<string, string> | undefined;
  readonly limits: unknown;
  readonly graceMs: number | undefined;
  readonly suspend: "on-tool" | undefined;
}

/**
 * What goes to another thread or process.
 *
 * @throws WardianError "unsupported" for an object that cannot go there and cannot be asked from there, with what to use instead.
 */
export function portableOptions(options: ResolvedOptions, action: string): PortableOptions {
  const { clock, random, execution } = options;
  const refuse = (option: string, remedy: string): never => {
    throw new WardianError(
      "unsupported",
      `${action}: ${option} is an object of this thread, which execution "${execution}" cannot take along; ${remedy}`,
    );
  };
  if (typeof random === "object" && !("seed" in random)) return refuse("random", "give { seed } or run inline");
  return {
    language: options.language,
    module: options.module,
    image: options.image && portableImage(options.image),
    limits: options.limits,
    mounts: portableMounts(options.files, (path) =>
      refuse(`files["${path}"]`, "mount a memoryDirectory or a hostDirectory, or run inline"),
    ),
    packages: options.installed?.archives ?? [],
    granted: options.network.rules.length > 0,
    toolNames: [...options.tools.keys()],
    env: options.environment.env,
    args: options.environment.args,
    stdin: portableInput(options.stdin),
    clock: portableClock(clock) ?? refuse("clock", 'describe it ({ kind: "fixed", at }) or run inline'),
    random,
    streams: options.onOutput !== undefined,
    output: options.output,
    graceMs: options.graceMs,
    record: options.record,
  };
}

function portableClock(clock: ClockOption): PortableOptions["clock"] | undefined {
  return typeof clock === "object" && "now" in clock ? clock.portable?.() : clock;
}

/** What of a run's options goes along; its signal stays. */
export function portableRunOptions(options: ResolvedRunOptions): PortableRunOptions {
  const { call, stdin, live, args, filename, modules, limits, graceMs, suspend } = options;
  return {
    call,
    stdin: portableRunInput(live, stdin),
    args,
    filename,
    modules,
    limits,
    graceMs,
    suspend,
  };
}

function portableRunInput(
  live: ResolvedRunOptions["live"],
  stdin: ResolvedRunOptions["stdin"],
): PortableInput | undefined {
  if (live !== undefined) return { from: "host" };
  return stdin === undefined ? undefined : portableInput(stdin);
}

function portableInput(stdin: string | Uint8Array | InputSource): PortableInput {
  return typeof stdin === "string" || stdin instanceof Uint8Array ? stdin : { from: "host" };
}

/** A directory that is mounted twice stays one. */
function portableMounts(files: ReadonlyMap<string, FileSystem>, refuse: (path: string) => never): PortableMount[] {
  const mounts = new Map<FileSystem, { paths: string[]; system: PortableFileSystem }>();
  for (const [path, system] of files) {
    const known = mounts.get(system);
    if (known === undefined) mounts.set(system, { paths: [path], system: system.portable?.() ?? refuse(path) });
    else known.paths.push(path);
  }
  return [...mounts.values()];
}
