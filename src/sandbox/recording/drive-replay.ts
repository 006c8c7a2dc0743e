import { EVENT } from "../../capabilities/recording/events.ts";
import type { Drive, FinalTurn } from "../../execution/execution.ts";
import type { GuestTurn } from "../../guests/guest.ts";
import type { Platform } from "../../hosts/platform.ts";
import { stopReason } from "./replayer.ts";
import type { ReplayedRun, Replayer } from "./replayer.ts";

/** Drives a run as its recording says: no wait takes any time, and what ended it from outside ends it again. */
export async function driveReplay(
  drive: Drive,
  replayer: Replayer,
  { tape, tail }: ReplayedRun,
  platform: Platform,
): Promise<FinalTurn> {
  const { stop } = tail;
  const stopped: FinalTurn | undefined =
    stop === undefined ? undefined : { state: "stopped", reason: stopReason(stop) };
  if (stop?.at === "before" && stopped !== undefined) return stopped;
  let turn: GuestTurn = drive.begin((request) => drive.session.start(request));
  while (turn.state === "waiting" && tape.peek() === EVENT.resume) {
    // So that the caller's signal has a chance.
    await platform.yieldToEventLoop();
    turn = drive.session.resume(replayer.takeResume());
  }
  replayer.chargeRest();
  if (turn.state === "waiting") {
    if (stop?.at === "wait" && stopped !== undefined) return stopped;
    return tape.diverge("a wait", "ends");
  }
  if (stop?.at === "after" && stopped !== undefined) return stopped;
  // The gauge calls every stop from outside a deadline.
  if (turn.state === "stopped" && turn.reason.kind === "time" && stopped !== undefined) return stopped;
  return turn;
}
