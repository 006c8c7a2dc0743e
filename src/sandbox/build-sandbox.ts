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
import type { FuelGauge } from "../engine/instance/fuel-gauge.ts";
import { WardianError } from "../errors.ts";
import type { GuestSession } from "../guests/guest.ts";
import { makeClock } from "./clock-option.ts";
import type { ResolvedOptions } from "./options.ts";
import { openRunCalls } from "./local/run-calls.ts";
import type { RunCalls, RunCallsSettings } from "./local/run-calls.ts";
import { RunSwitch } from "./run-switch.ts";
import type { SandboxHost } from "./sandbox-host.ts";

/** The made parts of a sandbox on this thread. */
export interface SandboxParts {
  readonly options: ResolvedOptions;
  readonly host: SandboxHost;
  readonly session: GuestSession;
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
}

/** Bytes of the `/tmp` that every sandbox has unless its caller mounts another one. */
const TMP_BYTES = 32 * 2 ** 20;

/** Makes the parts of a sandbox and starts its guest. What was made is given back if a later step fails. */
export async function buildSandbox(host: SandboxHost, options: ResolvedOptions): Promise<SandboxParts> {
  const { platform } = host;
  const granted = options.network.rules.length > 0;
  const guest = host.guests.find((candidate) => candidate.kinds.includes(options.language));
  if (guest === undefined)
    throw new WardianError(
      "unsupported",
      `Cannot create a sandbox: no guest for "${options.language}" is part of this build`,
    );
  options.signal?.throwIfAborted();
  const fuel = createFuelGauge({ now: () => platform.monotonicNow() });
  const clock = makeClock(options.clock, platform);
  const random = makeRandom(options.random, host);
  const mounts = withTmp(options.files);
  const files = createFileView({
    mounts,
    charge: (units) => fuel.charge(units),
    now: () => clock.now(),
  });
  const powers = new RunSwitch([...options.tools.keys()]);
  const denials = new DenialLog();
  const output = createOutputSink({
    maxBytes: options.limits.outputBytes,
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  });
  try {
    if (granted && options.fetch === undefined) await (options.transport ?? platform.transport).prepare?.();
    const session = await guest.create({
      language: options.language,
      module: options.module,
      mountPoints: [...mounts.keys()],
      digest: (bytes) => platform.digest(bytes),
      evaluate: (body) => platform.evaluate(body),
      assets: platform.assets,
      fuel,
      memoryBytes: options.limits.memoryBytes,
      valueBytes: options.limits.outputBytes,
      capabilities: {
        files,
        clock,
        random,
        environment: options.environment,
        output,
        input: powers.input,
        tools: powers.tools,
        http: granted ? powers.http : undefined,
        denials,
      },
    });
    const openCalls = (settings: RunCallsSettings): RunCalls => openRunCalls(host, options, settings);
    return { options, host, session, fuel, clock, random, files, output, powers, denials, openCalls };
  } catch (error) {
    files.dispose();
    throw error;
  }
}

function makeRandom(random: ResolvedOptions["random"], { platform }: SandboxHost): Random {
  if (random === "secure") return secureRandom(platform);
  return "seed" in random ? seededRandom(random.seed) : random;
}

/** Programs expect a place for temporary files; one that overlaps a mount of the caller's is left out. */
function withTmp(files: ReadonlyMap<string, FileSystem>): ReadonlyMap<string, FileSystem> {
  for (const path of files.keys()) {
    if (path === "/" || path === "/tmp" || path.startsWith("/tmp/")) return files;
  }
  return new Map([...files, ["/tmp", memoryDirectory({ maxBytes: TMP_BYTES })]]);
}
