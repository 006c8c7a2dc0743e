import { WardianError } from "../../errors.ts";
import type { Drive, FinalTurn } from "../execution.ts";
import { takeSettlements, waitFor } from "../waiting.ts";
import type { Seat } from "./fair-scheduler.ts";

/**
 * Drives a run on the calling thread with a guest that is suspended while it computes, turn by turn with the others that
 * share the thread and with the event loop.
 */
export async function driveYielding(drive: Drive, seat: Seat): Promise<FinalTurn> {
  const { yielding } = drive.session;
  if (yielding === undefined)
    throw new WardianError("internal", "Cannot drive a guest that yields: it can't be suspended");
  try {
    await seat.take();
    let turn = await yielding.start(drive.request);
    while (turn.state === "waiting") {
      seat.leave();
      const stopped = await waitFor(turn, drive);
      if (stopped !== undefined) return stopped;
      await seat.take();
      turn = await yielding.resume(takeSettlements(drive));
    }
    return turn;
  } finally {
    seat.leave();
  }
}
