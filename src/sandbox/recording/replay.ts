import { replayClock } from "../../capabilities/recording/clock-tape.ts";
import { replayFiles } from "../../capabilities/recording/files-tape.ts";
import { replayInput } from "../../capabilities/recording/input-tape.ts";
import { replayRandom } from "../../capabilities/recording/random-tape.ts";
import { TapeReader } from "../../capabilities/recording/tape-reader.ts";
import { tool } from "../../capabilities/tools/tool.ts";
import { WardianError } from "../../errors.ts";
import { isLanguage } from "../../guests/language-facts.ts";
import type { FinalTurn } from "../../execution/execution.ts";
import { buildSandbox } from "../build-sandbox.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import { tightenLimits } from "../limits.ts";
import { beginRun } from "../local/begin-run.ts";
import { endRun } from "../local/end-run.ts";
import { resolveOptions, resolveRunOptions } from "../options.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RunResult, SandboxState } from "../result.ts";
import type { SandboxHost } from "../sandbox-host.ts";
import { driveReplay } from "./drive-replay.ts";
import { guestMark, marksImage } from "./guest-mark.ts";
import { decodeHead, decodeRunHead, decodeRunTail } from "./recording-json.ts";
import { decodeRecording, invalid } from "./recording-file.ts";
import type { RecordedRunParts } from "./recording-file.ts";
import type { RecordingHead, RunHead } from "./recording.ts";
import { resolveReplayOptions } from "./replay-options.ts";
import type { ReplayOptions } from "./replay-options.ts";
import { Replayer } from "./replayer.ts";
import { resultDigest } from "./result-digest.ts";

const ACTION = "Cannot replay";

/** Runs a recording again; see `replay` of the package. */
export async function replayOn(
  host: SandboxHost,
  bytes: Uint8Array,
  options: ReplayOptions | undefined,
): Promise<readonly RunResult[]> {
  const { timeoutMs, signal, ...given } = resolveReplayOptions(options);
  const recording = decodeRecording(bytes);
  const head = decodeHead(recording.head);
  const deadline = host.platform.monotonicNow() + timeoutMs;
  const outOfTime = (): boolean => host.platform.monotonicNow() >= deadline;
  const replayer = new Replayer(head.tools, outOfTime);
  mustFit(head, given);
  const resolved = optionsOf(head, replayer, given);
  const mark = await guestMark(resolved, host.platform);
  if (mark !== head.engine)
    throw invalid(`it was made with another build of the guest (${head.engine}), and this one is ${mark}`);
  const parts = await rebuild(host, resolved, replayer);
  const results: RunResult[] = [];
  try {
    for (const [index, run] of recording.runs.entries()) {
      signal?.throwIfAborted();
      results.push(await replayRun(parts, replayer, run, index + 1, { outOfTime, timeoutMs, signal }));
    }
  } finally {
    parts.session.close();
    parts.files.dispose();
  }
  return results;
}

/** What a recording does not hold has to be given, and nothing else. */
function mustFit({ language, engine }: RecordingHead, { guest, image }: ReplayOptions): void {
  const refuse = (what: string): never => {
    throw new WardianError("invalid-option", `${ACTION}: ${what}`);
  };
  if (isLanguage(language)) {
    if (guest !== undefined) refuse(`the recording is of ${language}; leave out "guest"`);
  } else if (guest === undefined)
    refuse(`the recording is of a ${language}, which it does not hold; give it as "guest"`);
  else if (guest.kind !== language) refuse(`the recording is of a ${language}, and guest is a ${guest.kind}`);
  if (marksImage(engine) && image === undefined) refuse('the recorded sandbox began with an image; give it as "image"');
  if (!marksImage(engine) && image !== undefined)
    refuse('the recorded sandbox began without an image; leave out "image"');
}

/** Limits or mounts that no sandbox could be made with were not recorded. */
async function rebuild(host: SandboxHost, options: ResolvedOptions, replayer: Replayer): Promise<SandboxParts> {
  try {
    return await buildSandbox(host, options, undefined, replayer);
  } catch (cause) {
    if (cause instanceof WardianError && (cause.code === "invalid-option" || cause.code === "invalid-mount"))
      throw invalid(cause.message);
    throw cause;
  }
}

/** The sandbox of the recording, without any of its powers. */
function optionsOf(
  head: RecordingHead,
  replayer: Replayer,
  { guest, image, onOutput }: ReplayOptions,
): ResolvedOptions {
  const { tape } = replayer;
  try {
    return resolveOptions({
      ...(guest === undefined ? { language: head.language } : { guest }),
      image,
      limits: head.limits,
      env: Object.fromEntries(head.env),
      args: head.args,
      files: Object.fromEntries(head.mounts.map(([path, traits]) => [path, replayFiles(traits, tape)])),
      tools: Object.fromEntries(head.tools.map((name) => [name, NO_TOOL])),
      ...(head.network ? { network: { allow: ["http://replay.invalid/"] }, fetch: refuse } : {}),
      clock: replayClock(head.clock, tape, head.createdMs),
      random: replayRandom(head.random, tape),
      onOutput,
    });
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
}

const NO_TOOL = tool({ run: refuse });

function refuse(): never {
  throw new WardianError("internal", "A replay has no powers");
}

interface Bounds {
  readonly outOfTime: () => boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function replayRun(
  parts: SandboxParts,
  replayer: Replayer,
  recorded: RecordedRunParts,
  number: number,
  { outOfTime, timeoutMs, signal }: Bounds,
): Promise<RunResult> {
  const tape = new TapeReader(recorded.tape, number);
  const head = decodeRunHead(recorded.head);
  const tail = decodeRunTail(recorded.tail);
  checkCall(parts, head);
  replayer.load({ tape, tail });
  const run = beginRun(parts, {
    source: head.source,
    given: { ...runOptionsOf(parts, replayer, head, signal), call: head.call },
    action: ACTION,
    allowAsync: true,
    closing: new AbortController().signal,
  });
  let turn: FinalTurn;
  try {
    turn = await driveReplay(run.drive, replayer, { tape, tail }, parts.host.platform);
  } catch (error) {
    run.release();
    // A guest that was stopped for its time has not asked for what the tape goes on with.
    throw signal?.aborted === true ? signal.reason : outOfTime() ? tooLong(timeoutMs) : error;
  }
  const result = endRun(parts, run, turn, (ended) => recover(parts, ended));
  signal?.throwIfAborted();
  if (outOfTime()) throw tooLong(timeoutMs);
  if (tape.failure !== undefined) throw tape.failure;
  if (!tape.atEnd) tape.diverge("nothing more", "goes on");
  if (result.usage.fuel !== tail.fuel)
    throw diverged(number, `used ${result.usage.fuel} units of fuel where the recorded run used ${tail.fuel}`);
  if (resultDigest(result) !== tail.digest) throw diverged(number, "came to another result than the recorded run");
  return result;
}

/** A call that no sandbox of this binary would make was not recorded. */
function checkCall({ session }: SandboxParts, { call }: RunHead): void {
  try {
    if (call !== undefined) session.checkCall?.(call);
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
}

function runOptionsOf(
  parts: SandboxParts,
  replayer: Replayer,
  head: RunHead,
  signal: AbortSignal | undefined,
): ReturnType<typeof resolveRunOptions> {
  const { language, limits } = parts.options;
  try {
    const resolved = resolveRunOptions(
      {
        stdin: replayInput(replayer.tape),
        args: head.args,
        filename: head.filename,
        modules: Object.fromEntries(head.modules),
        // The gauge stops by its clock only if it has a deadline; nothing else reads this one.
        limits: { ...head.limits, timeoutMs: Math.min(head.limits.timeoutMs, limits.timeoutMs, LONGEST_MS) },
        graceMs: head.softMs,
        signal,
      },
      language,
      ACTION,
    );
    // Looked at here, where what is wrong with them is the recording's fault.
    tightenLimits(limits, resolved.limits, ACTION);
    return resolved;
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
}

const LONGEST_MS = 2 ** 31 - 1;

/** As a sandbox does after a run. */
function recover(parts: SandboxParts, turn: FinalTurn): SandboxState {
  if (turn.state === "done" && (turn.outcome.kind !== "exit" || turn.outcome.orderly === true)) return "kept";
  parts.session.reset();
  parts.files.closeAll();
  return "reset";
}

function tooLong(timeoutMs: number): WardianError {
  return new WardianError("replay-timeout", `${ACTION}: it took longer than ${timeoutMs} ms`);
}

function diverged(number: number, how: string): WardianError {
  return new WardianError("replay-diverged", `Cannot replay run ${number}: it ${how}`);
}
