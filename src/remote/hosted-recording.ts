import { resultDigest } from "../sandbox/recording/result-digest.ts";
import type { RecordedStop, RunTail } from "../sandbox/recording/recording.ts";
import { decodeRunTail, encodeRunTail } from "../sandbox/recording/recording-json.ts";
import { decodeRecording, encodeRecording, encodeRun } from "../sandbox/recording/recording-file.ts";
import type { CallsReport } from "../sandbox/local/run-calls.ts";
import type { RunResult } from "../sandbox/result.ts";

/** What only the host knows of a recorded run. */
type HostsPart = Pick<RunTail, "digest" | "calls"> & { readonly aborted: string | undefined };

/** Completes what a guest's side recorded with what only its host knows: the calls, why it was aborted, and what the run came to. */
export class HostedRecording {
  /** Of each run that the recording holds. */
  readonly #runs: HostsPart[] = [];

  /** The result with the recording, if there is one, of all runs since the last restart. */
  complete(recording: Uint8Array | undefined, result: RunResult, calls: CallsReport): RunResult {
    const { recording: _incomplete, ...rest } = result;
    if (recording === undefined) return result;
    const aborted = result.status === "aborted" ? result.reason : undefined;
    this.#runs.push({ digest: resultDigest(result), calls, aborted });
    const complete = withParts(recording, this.#runs);
    return complete === undefined ? rest : { ...rest, recording: complete };
  }

  /** The sandbox is as it was after its creation: a new recording begins. */
  restart(): void {
    this.#runs.length = 0;
  }
}

/** Undefined for what is no recording of so many runs: a guest broke out there, and made it. */
function withParts(recording: Uint8Array, parts: readonly HostsPart[]): Uint8Array | undefined {
  try {
    const { head, runs } = decodeRecording(recording);
    if (runs.length !== parts.length) return undefined;
    const completed = runs.map((run, index) => encodeRun({ ...run, tail: completeTail(run.tail, parts[index]) }));
    return encodeRecording(head, completed);
  } catch {
    return undefined;
  }
}

function completeTail(json: string, part: HostsPart | undefined): string {
  if (part === undefined) return json;
  const tail = decodeRunTail(json);
  const { digest, calls, aborted } = part;
  return encodeRunTail({ ...tail, digest, calls, stop: aborted === undefined ? tail.stop : abort(tail.stop, aborted) });
}

/** Where the guest was stopped is what its side says; if it was not, the host gave the run up when it had ended. */
function abort(stop: RecordedStop | undefined, reason: string): RecordedStop {
  if (stop === undefined) return { kind: "abort", reason, at: "after" };
  return stop.at === "look"
    ? { kind: "abort", reason, at: "look", used: stop.used }
    : { kind: "abort", reason, at: stop.at };
}
