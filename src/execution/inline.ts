import { sleepsInRealTime } from "../capabilities/clock.ts";
import type { GuestTurn } from "../guests/guest.ts";
import { abortedTurn } from "./execution.ts";
import type { Drive, FinalTurn } from "./execution.ts";

/**
 * Drives a run on the calling thread: the guest computes without a break until it ends or waits;
 * while it waits (for a timer, a tool or the network) the event loop is free.
 */
export async function driveInline(drive: Drive): Promise<FinalTurn> {
  let turn = drive.session.start(drive.request);
  while (turn.state === "waiting") {
    const stopped = (await waitFor(turn, drive)) ?? (await waitForConsumer(drive));
    if (stopped !== undefined) return stopped;
    turn = resume(drive);
  }
  // What the guest came to stands, however long its output takes.
  await waitForConsumer(drive);
  return turn;
}

/** The same without giving the thread back: timers block on the guest's clock; asynchronous tools were refused by their ledger, requests block in theirs. */
export function driveInlineSync(drive: Drive): FinalTurn {
  let turn = drive.session.start(drive.request);
  while (turn.state === "waiting") {
    const { wakeAtMs } = turn;
    if (wakeAtMs === undefined) return deadlock();
    const wait = wakeAtMs - drive.clock.monotonic();
    if (wait > 0) drive.clock.sleepSync(Math.min(wait, drive.fuel.remainingMs()));
    const stopped = outOfTime(drive);
    if (stopped !== undefined) return stopped;
    turn = resume(drive);
  }
  return turn;
}

function resume({ session, calls, clock }: Drive): GuestTurn {
  const settlements = calls.takeSettled();
  if (settlements.length > 0) clock.synchronize?.();
  return session.resume(settlements);
}

type WaitingTurn = Extract<GuestTurn, { readonly state: "waiting" }>;

/** Nobody reads it; without a reason each wait would make a DOMException, stack trace included. */
const ANOTHER_WAIT_ENDED = "another wait ended first";

async function waitFor(turn: WaitingTurn, drive: Drive): Promise<FinalTurn | undefined> {
  const { clock, calls } = drive;
  const waitsForCall = turn.callIds.length > 0;
  const { wakeAtMs } = turn;
  if (!waitsForCall && wakeAtMs === undefined) return deadlock();
  return await firstOf(drive, (over) => {
    const waits: Promise<unknown>[] = [];
    if (waitsForCall) waits.push(calls.nextSettlement());
    // A clock that jumps must not jump over a call that is still going on: its timers fire when nothing else is pending.
    if (wakeAtMs !== undefined && !(waitsForCall && !sleepsInRealTime(clock))) {
      waits.push(clock.sleep(Math.max(0, wakeAtMs - clock.monotonic()), over));
    }
    return waits;
  });
}

/** Back-pressure: the guest does not go on, nor does its run end, before the caller's callback has taken the output. */
async function waitForConsumer(drive: Drive): Promise<FinalTurn | undefined> {
  const drained = drive.output.drained();
  return drained === undefined ? undefined : await firstOf(drive, () => [drained]);
}

/** Waits for the first of several, the deadline and the caller's signal among them. */
async function firstOf(
  drive: Drive,
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
  } finally {
    over.abort(ANOTHER_WAIT_ENDED);
    signal?.removeEventListener("abort", abort);
  }
  if (signal?.aborted === true) return abortedTurn(signal);
  return outOfTime(drive);
}

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

function outOfTime(drive: Drive): FinalTurn | undefined {
  if (drive.fuel.remainingMs() > 0) return undefined;
  return { state: "stopped", reason: { kind: "time", allowedMs: drive.timeoutMs } };
}

/** The guests report this themselves; a driver that forgets would otherwise hang the run for ever. */
function deadlock(): FinalTurn {
  const message = "The run waits for something that can never happen";
  return {
    state: "done",
    outcome: { kind: "error", error: { name: "Error", message, traceback: `Error: ${message}` } },
  };
}
