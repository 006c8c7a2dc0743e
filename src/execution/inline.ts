import type { GuestTurn } from "../guests/guest.ts";
import type { Drive, FinalTurn, SuspendedTurn } from "./execution.ts";
import { deadlock, outOfTime, takeSettlements, waitFor, waitForConsumer } from "./waiting.ts";

/**
 * Drives a run on the calling thread: the guest computes without a break until it ends or waits;
 * while it waits (for a timer, a tool or the network) the event loop is free.
 */
export async function driveInline(drive: Drive): Promise<FinalTurn | SuspendedTurn> {
  const { suspension, session } = drive;
  let turn: GuestTurn = drive.begin((request) => session.start(request));
  while (turn.state === "waiting") {
    if (suspension?.reached(turn.callIds) === true) return { state: "suspended", turn };
    const stopped = (await waitFor(turn, drive)) ?? (await waitForConsumer(drive));
    if (stopped !== undefined) return stopped;
    // Then that was what ended the wait, and there is nothing to tell the guest.
    if (suspension?.reached(turn.callIds) !== true) turn = session.resume(takeSettlements(drive));
  }
  // What the guest came to stands, however long its output takes.
  await waitForConsumer(drive);
  return turn;
}

/** The same without giving the thread back: timers block on the guest's clock; asynchronous tools were refused by their ledger, requests block in theirs. */
export function driveInlineSync(drive: Drive): FinalTurn {
  let turn: GuestTurn = drive.begin((request) => drive.session.start(request));
  while (turn.state === "waiting") {
    const { wakeAtMs } = turn;
    if (wakeAtMs === undefined) return deadlock();
    const wait = wakeAtMs - drive.clock.monotonic();
    if (wait > 0) drive.clock.sleepSync(Math.min(wait, drive.fuel.remainingMs()));
    const stopped = outOfTime(drive);
    if (stopped !== undefined) return stopped;
    turn = drive.session.resume(takeSettlements(drive));
  }
  return turn;
}
