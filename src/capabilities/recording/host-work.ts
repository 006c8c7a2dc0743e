import type { ByteReader } from "../../internal/byte-reader.ts";
import type { ByteWriter } from "../../internal/byte-writer.ts";
import { readNumber, writeNumber } from "./payload.ts";

/** Charges a guest for work of the host. */
export type Charge = (units: number) => unknown;

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

  /** Writes what was charged since the last time. */
  write(out: ByteWriter): void {
    out.u64(this.#units.length);
    for (const units of this.#units) writeNumber(out, units);
    this.#units = [];
  }

  forget(): void {
    this.#units = [];
  }
}

/** Reads what {@link HostWork.write} wrote and charges it. */
export function replayHostWork(payload: ByteReader, charge: Charge): void {
  const count = payload.u64();
  if (count > MAX_CHARGES) payload.fail("too many charges");
  for (let index = 0; index < count; index++) charge(readNumber(payload));
}

const MAX_CHARGES = 2 ** 24;
