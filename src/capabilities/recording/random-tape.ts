import type { Random } from "../random.ts";
import { EVENT } from "./events.ts";
import { readBytes, writeBytes } from "./payload.ts";
import type { TapeReader } from "./tape-reader.ts";
import type { TapeWriter } from "./tape-writer.ts";

/** `random` with every byte noted. */
export function recordRandom(random: Random, tape: TapeWriter): Random {
  return {
    kind: random.kind,
    fill: (into) => {
      random.fill(into);
      tape.event(EVENT.random, (out) => writeBytes(out, into));
    },
  };
}

/** Gives the recorded bytes again. */
export function replayRandom(kind: Random["kind"], tape: () => TapeReader | undefined): Random {
  return {
    kind,
    fill: (into) => {
      const reader = tape();
      if (reader === undefined) return;
      const bytes = reader.take(EVENT.random, readBytes);
      if (bytes.length !== into.length) reader.diverge(`${into.length} random bytes`, `has ${bytes.length}`);
      into.set(bytes);
    },
  };
}
