import type { Clock } from "../capabilities/clock.ts";
import { DenialLog } from "../capabilities/denials/denial-log.ts";
import type { FileSystem } from "../capabilities/files/file-system.ts";
import { memoryDirectory } from "../capabilities/files/memory/memory-directory.ts";
import { createFileView } from "../capabilities/files/view/create-file-view.ts";
import type { OwnedFileView } from "../capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../capabilities/output/output-sink.ts";
import type { RecordingOutputSink } from "../capabilities/output/output-sink.ts";
import { secureRandom } from "../capabilities/random/secure-random.ts";
import { seededRandom } from "../capabilities/random/seeded-random.ts";
import type { Random } from "../capabilities/random.ts";
import { createFuelGauge } from "../engine/instance/fuel-gauge.ts";
import type { FuelGauge, PauseOptions } from "../engine/instance/fuel-gauge.ts";
import { canSuspend } from "../engine/instance/suspending-check.ts";
import { WardianError } from "../errors.ts";
import { LONE_SEAT, schedulerOf } from "../execution/yielding/fair-scheduler.ts";
import type { Seat } from "../execution/yielding/fair-scheduler.ts";
import type { Guest, GuestCapabilities, GuestKind, GuestSession } from "../guests/guest.ts";
import { makeClock } from "./clock-option.ts";
import { SITE_PACKAGES } from "../guests/python/packages/installed-packages.ts";
import { openMount } from "./images/open-mount.ts";
import type { ClockOption } from "./clock-option.ts";
import type { ResolvedOptions } from "./options.ts";
import { openRunCalls } from "./local/run-calls.ts";
import type { RunCalls, RunCallsSettings } from "./local/run-calls.ts";
import type { Boundary } from "./recording/boundary.ts";
import { Recorder } from "./recording/recorder.ts";
import { RunSwitch } from "./run-switch.ts";
import type { SandboxHost } from "./sandbox-host.ts";
import type { CapturedSandbox } from "./snapshot/captured-sandbox.ts";

/** The made parts of a sandbox on this thread. */
export interface SandboxParts {
  readonly options: ResolvedOptions;
  readonly host: SandboxHost;
  /** Every mount, `/tmp` included. */
  readonly mounts: ReadonlyMap<string, FileSystem>;
  readonly session: GuestSession;
  /** Of a guest that is entered on a stack of its own (JSPI): its place among those that share this thread. */
  readonly seat: Seat | undefined;
  readonly fuel: FuelGauge;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: OwnedFileView;
  readonly output: RecordingOutputSink;
  readonly powers: RunSwitch;
  /** What the guest's host side refused in the run in progress. */
  readonly denials: DenialLog;
  /** Begins the tool calls and requests of a run. */
  readonly openCalls: (settings: RunCallsSettings) => RunCalls;
  /** What notes, or plays, everything that passes between the guest and its host. */
  readonly boundary: Boundary | undefined;
}

/** Bytes of the `/tmp` that every sandbox has unless its caller mounts another one. */
const TMP_BYTES = 32 * 2 ** 20;

/** What a sandbox begins with in place of its guest's own start. */
export interface SandboxStart {
  /** A fork's or a snapshot's, forged perhaps. */
  readonly state: CapturedSandbox;
  /** Makes another random sequence of the captured one's; undefined: the guest goes on with that. */
  readonly reseed: string | undefined;
}

/**
 * Makes the parts of a sandbox and starts its guest. What was made is given back if a later step fails. `boundary` is a
 * recorder if the caller wants a recording, which begins at the guest's own start: a fork has none.
 *
 * @throws WardianError "invalid-snapshot" if there is a state that no sandbox could have had.
 */
export async function buildSandbox(
  host: SandboxHost,
  options: ResolvedOptions,
  start?: SandboxStart,
  boundary: Boundary | undefined = start === undefined ? recorderFor(options) : undefined,
): Promise<SandboxParts> {
  const { platform } = host;
  const granted = options.network.rules.length > 0;
  const guest = guestFor(host, options.language);
  options.signal?.throwIfAborted();
  const takesTurns = options.execution === "yielding";
  const ownStack = host.shortStack === true && canSuspend();
  const yields = takesTurns || ownStack;
  const seat = takesTurns ? takeSeat(host, () => fuel.used) : ownStack ? LONE_SEAT : undefined;
  const fuel: FuelGauge = createFuelGauge({
    now: boundary?.now ?? (() => platform.monotonicNow()),
    pause: pauseOf(seat),
  });
  const clock = makeClock(clockOption(options.clock, start), platform);
  const random = makeRandom(options.random, host);
  if (start !== undefined) setBack(clock, random, start);
  const mounts = mountsOf(options);
  const createdMs = clock.now();
  const files = createFileView({
    mounts: boundary?.mounts(mounts) ?? mounts,
    charge: (units) => fuel.charge(units),
    now: () => clock.now(),
    createdMs,
  });
  const powers = new RunSwitch([...options.tools.keys()]);
  const denials = new DenialLog();
  const output = createOutputSink({
    maxBytes: options.limits.outputBytes,
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  });
  try {
    if (granted && options.fetch === undefined) await (options.transport ?? platform.transport).prepare?.();
    if (start !== undefined) {
      restoreFiles(files, start.state);
      // Opening again what was open is work of the view, which asks who pays.
      fuel.arm({ fuel: Number.POSITIVE_INFINITY });
    }
    const capabilities: GuestCapabilities = {
      files,
      clock,
      random,
      environment: options.environment,
      output,
      displays: output,
      input: powers.input,
      tools: powers.tools,
      http: granted ? powers.http : undefined,
      denials,
    };
    const made = await guest.create({
      language: options.language,
      module: options.module,
      mountPoints: [...mounts.keys()],
      digest: (bytes) => platform.digest(bytes),
      evaluate: (body) => platform.evaluate(body),
      assets: platform.assets,
      fuel: boundary?.guestGauge(fuel) ?? fuel,
      yields,
      memoryBytes: options.limits.memoryBytes,
      valueBytes: options.limits.outputBytes,
      capabilities: boundary?.capabilities(capabilities) ?? capabilities,
      packages: options.installed,
      origin: options.image?.content.state,
      originHost: options.image?.content.host,
      state: start?.state.session,
    });
    if (takesTurns && made.yielding === undefined) {
      made.close();
      throw new WardianError(
        "unsupported",
        `Cannot create a sandbox: a ${options.language} guest cannot yield; use execution "worker"`,
      );
    }
    if (start !== undefined) {
      fuel.disarm();
      if (start.reseed !== undefined) made.reseed?.();
    }
    const session = boundary?.session(made) ?? made;
    const open = host.openCalls ?? ((settings: RunCallsSettings): RunCalls => openRunCalls(host, options, settings));
    const openCalls = boundary?.calls(open) ?? open;
    await boundary?.created({ host, options, clock, random, mounts, network: granted, createdMs });
    return {
      options,
      host,
      mounts,
      session,
      seat: made.yielding === undefined ? undefined : seat,
      fuel,
      clock,
      random,
      files,
      output,
      powers,
      denials,
      openCalls,
      boundary,
    };
  } catch (error) {
    // The caller's own directories are left as they were given.
    if (start !== undefined) files.reset();
    files.dispose();
    throw error;
  }
}

/** @throws WardianError "unsupported" where the engine cannot suspend a guest. */
function takeSeat(host: SandboxHost, fuelUsed: () => number): Seat {
  if (canSuspend()) return schedulerOf(host.platform).join(fuelUsed);
  throw new WardianError(
    "unsupported",
    'Cannot create a sandbox: execution "yielding" needs JavaScript Promise Integration (JSPI), which this engine does not have (Node has it from 24.20 on); use execution "worker"',
  );
}

function pauseOf(seat: Seat | undefined): PauseOptions | undefined {
  return seat === undefined ? undefined : { due: () => seat.due(), wait: () => seat.take() };
}

/** @throws WardianError "unsupported" */
export function guestFor({ guests }: SandboxHost, language: GuestKind): Guest {
  const guest = guests.find((candidate) => candidate.kinds.includes(language));
  if (guest !== undefined) return guest;
  throw new WardianError("unsupported", `Cannot create a sandbox: no guest for "${language}" is part of this build`);
}

/** A clock that stands still goes on standing where it stood, unless the caller says where. */
function clockOption(option: ClockOption, start: SandboxStart | undefined): ClockOption {
  const at = start?.state.clock?.startMs;
  const unsaid =
    option === "fixed" ||
    (typeof option === "object" && option.kind === "fixed" && !("now" in option) && option.at === undefined);
  return unsaid && at !== undefined ? { kind: "fixed", at } : option;
}

function setBack(clock: Clock, random: Random, { state, reseed }: SandboxStart): void {
  if (state.clock !== undefined) clock.restore?.(state.clock);
  if (state.random === undefined) return;
  const { labels } = state.random;
  random.restore?.(reseed === undefined ? state.random : { labels: [...labels, reseed], position: 0 });
}

function restoreFiles(files: OwnedFileView, { files: contents }: CapturedSandbox): void {
  try {
    files.restore(contents);
  } catch (cause) {
    const why = cause instanceof WardianError ? cause.message : "they are no files";
    throw new WardianError("invalid-snapshot", `Cannot restore the files of a snapshot: ${why}`, { cause });
  }
}

function recorderFor({ record }: ResolvedOptions): Boundary | undefined {
  return record === undefined ? undefined : new Recorder(record.maxBytes);
}

function makeRandom(random: ResolvedOptions["random"], { platform }: SandboxHost): Random {
  if (random === "secure") return secureRandom(platform);
  return "seed" in random ? seededRandom(random.seed) : random;
}

/** All that is mounted: what the caller gave, its packages, what its image brings along beside that, and a `/tmp`. */
export function mountsOf({ files, image, installed }: ResolvedOptions): ReadonlyMap<string, FileSystem> {
  const mounts = new Map(files);
  if (installed !== undefined) mounts.set(freePlace(files), installed.directory);
  for (const [path, mount] of image?.content.mounts ?? []) if (!mounts.has(path)) mounts.set(path, openMount(mount));
  // Programs expect a place for temporary files; one that overlaps a mount of the caller's is left out.
  const taken = [...mounts.keys()].some((path) => path === "/" || path === "/tmp" || path.startsWith("/tmp/"));
  if (!taken) mounts.set("/tmp", memoryDirectory({ maxBytes: TMP_BYTES }));
  return mounts;
}

/** @throws WardianError "invalid-mount" if the caller has something mounted where packages go */
function freePlace(files: ReadonlyMap<string, FileSystem>): string {
  for (const path of files.keys()) {
    if (
      path !== "/" &&
      path !== SITE_PACKAGES &&
      !SITE_PACKAGES.startsWith(`${path}/`) &&
      !path.startsWith(`${SITE_PACKAGES}/`)
    )
      continue;
    throw new WardianError(
      "invalid-mount",
      `Cannot mount the packages at "${SITE_PACKAGES}": files[${JSON.stringify(path)}] is mounted there; mount it elsewhere`,
    );
  }
  return SITE_PACKAGES;
}
