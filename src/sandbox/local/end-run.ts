import type { RecordingOutputSink } from "../../capabilities/output/output-sink.ts";
import type { ChangeReport } from "../../capabilities/files/view/change-log.ts";
import { pendingCall } from "../../capabilities/tools/deferred-calls.ts";
import type { FinalTurn, SuspendedTurn } from "../../execution/execution.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import { conclude } from "../conclude.ts";
import type { Refused } from "../conclude.ts";
import { denialsOf } from "../denials.ts";
import type { RunReport, RunResult, SandboxState } from "../result.ts";
import type { Usage } from "../usage.ts";
import type { RunInProgress } from "./begin-run.ts";
import { listAtOnce, listOnDemand } from "./calls-on-demand.ts";
import type { CallsReport, CallsSuspension } from "./run-calls.ts";
import type { SuspendedRun } from "./suspended-run.ts";

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
  const { session, fuel, powers, files, output } = parts;
  // First: a recording takes down what it looks at.
  const changed = files.changes();
  parts.boundary?.seal();
  run.release();
  output.flush();
  run.calls.close();
  powers.set(undefined);
  const called = run.calls.report();
  const refused: Refused = {
    memory: session.memoryRefused(),
    fileQuota: files.usage.quotaRefusals > 0,
    ...called.exhausted,
  };
  const usage = usageOf(parts, run, called);
  fuel.disarm();
  const report = reportOf(parts, { called, usage, changed }, turn, recover(turn));
  const result = conclude(turn, run.limits, refused, report);
  const recording = parts.boundary?.end(turn, result);
  throwFailure(parts, run);
  return listOnDemand(recording === undefined ? result : { ...result, recording }, called);
}

/** Takes the powers away from a guest that goes on later, and notes what it needs then. */
export function suspendRun(
  parts: SandboxParts,
  run: RunInProgress,
  suspension: CallsSuspension,
  { turn }: SuspendedTurn,
): { readonly result: RunResult; readonly suspended: SuspendedRun } {
  const { fuel, powers, output, clock } = parts;
  run.release();
  output.flush();
  const { calls } = suspension;
  const called = run.calls.report();
  const usage = usageOf(parts, run, called);
  const { fuel: used, wallMs, outputBytes, fileBytes } = usage;
  const suspended: SuspendedRun = {
    turn,
    calls,
    limits: run.limits,
    spent: { fuel: used, wallMs, outputBytes, fileBytes },
    powers: suspension.suspend(),
    clock: clock.capture?.(),
    stdin: run.input.rest?.(),
  };
  powers.set(undefined);
  fuel.disarm();
  const report = reportOf(parts, { called, usage, changed: parts.files.changes() }, undefined, "kept");
  const result: RunResult = { status: "suspended", pending: calls.map(pendingCall), ...report };
  throwFailure(parts, run);
  return { result, suspended };
}

function usageOf({ session, fuel, files, output, host }: SandboxParts, run: RunInProgress, called: CallsReport): Usage {
  const { spent, started } = run;
  return {
    fuel: spent.fuel + fuel.used,
    wallMs: spent.wallMs + host.platform.monotonicNow() - started,
    memoryBytes: session.memoryBytes(),
    outputBytes: spent.outputBytes + output.writtenBytes,
    fileBytes: spent.fileBytes + files.usage.bytesRead + files.usage.bytesWritten,
    ...called.usage,
  };
}

function reportOf(
  { options, files, output, denials }: SandboxParts,
  { called, usage, changed }: { readonly called: CallsReport; readonly usage: Usage; readonly changed: ChangeReport },
  turn: FinalTurn | undefined,
  sandbox: SandboxState,
): RunReport {
  return {
    stdout: output.text("stdout"),
    stderr: output.text("stderr"),
    ...(options.output === "bytes" ? bytesOf(output) : {}),
    truncated: {
      stdout: output.dropped("stdout"),
      stderr: output.dropped("stderr"),
      displays: output.droppedDisplays,
      calls: called.omittedCalls,
      files: changed.omitted,
    },
    displays: output.displays,
    denials: denialsOf(turn, files.usage.denials, [...called.denials, ...denials.list]),
    // Of a run that waits its calls still change, and with them what their records say.
    calls: turn === undefined ? called.calls : listAtOnce(called),
    requests: called.requests,
    files: changed.changes,
    usage,
    sandbox,
  };
}

/** The caller's own callback threw, or a file system of theirs broke its contract: that is a host mistake, told once the guest is safely out of the way. */
function throwFailure({ output, files }: SandboxParts, { calls }: RunInProgress): void {
  const failure = output.takeCallbackError() ?? calls.takeFailure() ?? files.takeFault();
  if (failure !== undefined) throw failure.error;
}

function bytesOf(output: RecordingOutputSink): Pick<RunReport, "stdoutBytes" | "stderrBytes"> {
  return { stdoutBytes: output.bytes("stdout"), stderrBytes: output.bytes("stderr") };
}
