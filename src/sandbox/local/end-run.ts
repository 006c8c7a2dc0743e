import type { RecordingOutputSink } from "../../capabilities/output/output-sink.ts";
import type { FinalTurn } from "../../execution/execution.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import { conclude } from "../conclude.ts";
import type { Refused } from "../conclude.ts";
import { denialsOf } from "../denials.ts";
import type { RunReport, RunResult, SandboxState } from "../result.ts";
import type { RunInProgress } from "./begin-run.ts";

/**
 * Takes the powers away from the guest and says how its run ended. `recover` is called when nothing of the run is left
 * to be read and before a failure of the caller's own callback is thrown.
 */
export function endRun(
  parts: SandboxParts,
  run: RunInProgress,
  turn: FinalTurn,
  recover: (turn: FinalTurn) => SandboxState,
): RunResult {
  const { session, fuel, powers, files, output, denials, host } = parts;
  const { limits, calls, started } = run;
  parts.boundary?.seal();
  run.release();
  output.flush();
  calls.close();
  powers.set(undefined);
  const called = calls.report();
  const refused: Refused = {
    memory: session.memoryRefused(),
    fileQuota: files.usage.quotaRefusals > 0,
    ...called.exhausted,
  };
  const memoryBytes = session.memoryBytes();
  const used = fuel.used;
  fuel.disarm();
  const sandbox = recover(turn);
  const report: RunReport = {
    stdout: output.text("stdout"),
    stderr: output.text("stderr"),
    ...(parts.options.output === "bytes" ? bytesOf(output) : {}),
    truncated: {
      stdout: output.dropped("stdout"),
      stderr: output.dropped("stderr"),
      displays: output.droppedDisplays,
      calls: called.omittedCalls,
    },
    displays: output.displays,
    denials: denialsOf(turn, files.usage.denials, [...called.denials, ...denials.list]),
    calls: called.calls,
    requests: called.requests,
    usage: {
      fuel: used,
      wallMs: host.platform.monotonicNow() - started,
      memoryBytes,
      outputBytes: output.writtenBytes,
      fileBytes: files.usage.bytesRead + files.usage.bytesWritten,
      ...called.usage,
    },
    sandbox,
  };
  const result = conclude(turn, limits, refused, report);
  const recording = parts.boundary?.end(turn, result);
  const failure = output.takeCallbackError() ?? calls.takeFailure();
  // The caller's own callback threw: that is a host mistake, told once the guest is safely out of the way.
  if (failure !== undefined) throw failure.error;
  return recording === undefined ? result : { ...result, recording };
}

function bytesOf(output: RecordingOutputSink): Pick<RunReport, "stdoutBytes" | "stderrBytes"> {
  return { stdoutBytes: output.bytes("stdout"), stderrBytes: output.bytes("stderr") };
}
