import { WardianError } from "../../errors.ts";
import type { GuestTurn } from "../../guests/guest.ts";
import type { Drive, FinalTurn, SuspendedTurn } from "../execution.ts";
import { takeSettlements, waitFor, waitForConsumer } from "../waiting.ts";
import type { Seat } from "./fair-scheduler.ts";

/**
 * Drives a run on the calling thread with a guest that is suspended while it computes, turn by turn with the others that
 * share the thread and with the event loop.
 */
export async function driveYielding(drive: Drive, seat: Seat): Promise<FinalTurn | SuspendedTurn> {
  const { suspension, session } = drive;
  const { yielding } = session;
  if (yielding === undefined)
    throw new WardianError("internal", "Cannot drive a guest that yields: it can't be suspended");
  try {
    await seat.take();
    let turn: GuestTurn = await drive.begin((request) => yielding.start(request));
    while (turn.state === "waiting") {
      if (suspension?.reached(turn.callIds) === true) return { state: "suspended", turn };
      seat.leave();
      const stopped = (await waitFor(turn, drive)) ?? (await waitForConsumer(drive));
      if (stopped !== undefined) return stopped;
      if (suspension?.reached(turn.callIds) === true) continue;
      await seat.take();
      turn = await yielding.resume(takeSettlements(drive));
    }
    seat.leave();
    await waitForConsumer(drive);
    return turn;
  } finally {
    seat.leave();
  }
}
