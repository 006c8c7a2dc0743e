import { sleepsInRealTime } from "../capabilities/clock.ts";
import type { ToolSettlement } from "../capabilities/tools/tool-calls.ts";
import { abortedTurn } from "./execution.ts";
import type { Drive, FinalTurn, WaitingTurn } from "./execution.ts";

/** What has ended since the guest was left. */
export function takeSettlements({ calls, clock }: Drive): readonly ToolSettlement[] {
  const settlements = calls.takeSettled();
  if (settlements.length > 0) clock.synchronize?.();
  return settlements;
}

/** Nobody reads it; without a reason each wait would make a DOMException, stack trace included. */
const ANOTHER_WAIT_ENDED = "another wait ended first";

/** Waits until there is something for the guest to go on with; the turn that ends the run if there never will be. */
export async function waitFor(turn: WaitingTurn, drive: Drive): Promise<FinalTurn | undefined> {
  const { clock, calls, suspension } = drive;
  const waitsForCall = turn.callIds.length > 0;
  const { wakeAtMs } = turn;
  if (!waitsForCall && wakeAtMs === undefined) return deadlock();
  const many = turn.callIds.length > MANY_CALLS;
  return await firstOf(drive, many, (over) => {
    const waits: Promise<unknown>[] = [];
    if (waitsForCall) waits.push(calls.nextSettlement());
    if (waitsForCall && suspension !== undefined) waits.push(suspension.whenReached(turn.callIds));
    // A clock that jumps must not jump over a call that is still going on: its timers fire when nothing else is pending.
    if (wakeAtMs !== undefined && !(waitsForCall && !sleepsInRealTime(clock))) {
      waits.push(clock.sleep(Math.max(0, wakeAtMs - clock.monotonic()), over));
    }
    return waits;
  });
}

/** Back-pressure: the guest does not go on, nor does its run end, before the caller's callback has taken the output. */
export async function waitForConsumer(drive: Drive): Promise<FinalTurn | undefined> {
  for (;;) {
    const drained = drive.output.drained();
    if (drained === undefined) return undefined;
    // A timer for the deadline may fire a little before it.
    const stopped = await firstOf(drive, false, () => [drained]);
    if (stopped !== undefined) return stopped;
  }
}

/** Waits for the first of several, the deadline and the caller's signal among them; with `gather` a little for what comes close behind. */
async function firstOf(
  drive: Drive,
  gather: boolean,
  start: (over: AbortSignal) => readonly Promise<unknown>[],
): Promise<FinalTurn | undefined> {
  const { fuel, signal } = drive;
  // The guest waits only in host time: end all of the waits below together.
  const over = new AbortController();
  const abort = (): void => over.abort(ANOTHER_WAIT_ENDED);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted === true) abort();
  try {
    const waits = [...start(over.signal)];
    const remaining = fuel.remainingMs();
    if (Number.isFinite(remaining)) waits.push(drive.hostSleep(Math.max(0, remaining), over.signal));
    waits.push(whenAborted(over.signal));
    await Promise.race(waits.map(quietly));
    // Answers that come one by one would each be a turn of the guest, which looks at all that it waits for.
    if (gather && fuel.remainingMs() > 0) await quietly(drive.hostSleep(1, over.signal));
  } finally {
    over.abort(ANOTHER_WAIT_ENDED);
    signal?.removeEventListener("abort", abort);
  }
  if (signal?.aborted === true) return abortedTurn(signal);
  return outOfTime(drive);
}

/** Above this many pending calls their answers are gathered for a millisecond. */
const MANY_CALLS = 32;

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A sleep that is aborted because another wait ended first is not a failure. */
async function quietly(wait: Promise<unknown>): Promise<void> {
  try {
    await wait;
  } catch {
    // The reason is looked up where the wait ended.
  }
}

/** The end of a run whose deadline has passed. */
export function outOfTime(drive: Drive): FinalTurn | undefined {
  if (drive.fuel.remainingMs() > 0) return undefined;
  return { state: "stopped", reason: { kind: "time", allowedMs: drive.timeoutMs } };
}

/** The guests report this themselves; a driver that forgets would otherwise hang the run for ever. */
export function deadlock(): FinalTurn {
  const message = "The run waits for something that can never happen";
  return {
    state: "done",
    outcome: { kind: "error", error: { name: "Error", message, traceback: `Error: ${message}` } },
  };
}
