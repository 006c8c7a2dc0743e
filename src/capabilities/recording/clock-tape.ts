import type { Clock } from "../clock.ts";
import { EVENT } from "./events.ts";
import { readNumber, writeNumber } from "./payload.ts";
import type { TapeReader } from "./tape-reader.ts";
import type { TapeWriter } from "./tape-writer.ts";

/** What of a clock is not an input of every read. */
export interface ClockTraits {
  readonly kind: Clock["kind"];
  readonly resolutionMs: number;
}

export function traitsOf(clock: Clock): ClockTraits {
  return { kind: clock.kind, resolutionMs: clock.resolutionMs ?? 1 };
}

/** `clock` as a guest sees it, every read noted. What sleeps outside of the guest does not go through here. */
export function recordClock(clock: Clock, tape: TapeWriter): Clock {
  const noteWall = timeNoter(tape, EVENT.wallTime, EVENT.sameWallTime);
  const noteMonotonic = timeNoter(tape, EVENT.monotonicTime, EVENT.sameMonotonicTime);
  return {
    ...traitsOf(clock),
    now: () => noteWall(clock.now()),
    monotonic: () => noteMonotonic(clock.monotonic()),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    sleepSync: (ms) => {
      tape.event(EVENT.sleep);
      clock.sleepSync(ms);
    },
  };
}

/** A loop around the clock mostly sees the time that it saw before: that is noted without the time. */
function timeNoter(
  tape: TapeWriter,
  changed: typeof EVENT.wallTime | typeof EVENT.monotonicTime,
  same: typeof EVENT.sameWallTime | typeof EVENT.sameMonotonicTime,
): (ms: number) => number {
  let last: number | undefined;
  let run = 0;
  return (ms) => {
    if (!tape.running) return ms;
    if (run === tape.runs && Object.is(ms, last)) tape.event(same);
    else tape.event(changed, (out) => writeNumber(out, ms));
    last = ms;
    run = tape.runs;
    return ms;
  };
}

/** A clock that says what a recorded one said and sleeps no time at all. `tape` is asked at every read: each run has its own. Before the first it is `startMs`. */
export function replayClock(traits: ClockTraits, tape: () => TapeReader | undefined, startMs = 0): Clock {
  let wall = startMs;
  let monotonic = 0;
  return {
    ...traits,
    now: () => {
      const reader = tape();
      if (reader?.peek() === EVENT.sameWallTime) reader.take(EVENT.sameWallTime, () => undefined);
      else if (reader !== undefined) wall = reader.take(EVENT.wallTime, readNumber);
      return wall;
    },
    monotonic: () => {
      const reader = tape();
      if (reader?.peek() === EVENT.sameMonotonicTime) reader.take(EVENT.sameMonotonicTime, () => undefined);
      else if (reader !== undefined) monotonic = reader.take(EVENT.monotonicTime, readNumber);
      return monotonic;
    },
    sleep: () => Promise.resolve(),
    sleepSync: () => tape()?.take(EVENT.sleep, () => undefined),
  };
}
