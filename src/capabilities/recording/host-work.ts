import type { ByteReader } from "../../internal/byte-reader.ts";
import type { ByteWriter } from "../../internal/byte-writer.ts";
import type { EVENT } from "./events.ts";
import { readNumber, writeNumber } from "./payload.ts";
import type { TapeWriter } from "./tape-writer.ts";

/** Charges a guest for work of the host. Returns whether the run may go on. */
export type Charge = (units: number) => boolean;

/**
 * The fuel that powers outside (tools, network) charge, kept one by one between two inputs: a replay, which has none of
 * these powers, charges the same amounts at the same places.
 */
export class HostWork {
  #units: number[] = [];

  /** `charge`, with every amount kept. */
  counting(charge: Charge): Charge {
    return (units) => {
      this.#units.push(units);
      return charge(units);
    };
  }

  /** What was charged since the last time. */
  take(): readonly number[] {
    const units = this.#units;
    this.#units = [];
    return units;
  }

  /** Writes what was charged since the last time. */
  write(out: ByteWriter): void {
    const units = this.take();
    out.u64(units.length);
    for (const amount of units) writeNumber(out, amount);
  }
}

/** Notes a call: the fingerprint of what was asked, what the host charged for it, and what came of it. */
export function noteCall(
  tape: TapeWriter,
  kind: (typeof EVENT)[keyof typeof EVENT],
  work: HostWork,
  print: number,
  writeReply?: (out: ByteWriter) => void,
): void {
  tape.event(kind, (out) => {
    out.u32(print);
    work.write(out);
    writeReply?.(out);
  });
}

/** Reads what {@link HostWork.write} wrote and charges it. */
export function replayHostWork(payload: ByteReader, charge: Charge): void {
  // Each takes eight bytes, so a forged count ends at the end of the tape.
  for (let count = payload.u64(); count > 0; count--) charge(readNumber(payload));
}
