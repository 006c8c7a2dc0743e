import type { InputSource } from "../environment.ts";
import { EVENT } from "./events.ts";
import { readBytes, writeBytes } from "./payload.ts";
import type { TapeReader } from "./tape-reader.ts";
import type { TapeWriter } from "./tape-writer.ts";

/** `input` with every byte noted that the guest read. */
export function recordInput(input: InputSource, tape: TapeWriter): InputSource {
  return {
    read: (into) => {
      const count = input.read(into);
      tape.event(EVENT.input, (out) => writeBytes(out, into.subarray(0, count)));
      return count;
    },
  };
}

/** Standard input that says what it said in the recorded run. */
export function replayInput(tape: () => TapeReader | undefined): InputSource {
  return {
    read: (into) => {
      const reader = tape();
      if (reader === undefined) return 0;
      const bytes = reader.take(EVENT.input, readBytes);
      if (bytes.length > into.length) reader.diverge(`${into.length} bytes of input`, `has ${bytes.length}`);
      into.set(bytes);
      return bytes.length;
    },
  };
}
