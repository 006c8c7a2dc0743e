import { toNanoseconds } from "./nanoseconds.ts";

/** Files whose times are remembered to the nanosecond; a guest that sets more of them loses the oldest. */
const MAX_FILES = 1_024;

/** Hosts cut what they are given to the microsecond, doubles to a quarter of one. */
const TOLERANCE_MS = 0.002;

interface SetTime {
  readonly ms: number;
  readonly ns: bigint;
}

/**
 * Times that a guest set itself, in its own nanoseconds. File systems keep milliseconds as doubles here, which near the
 * present are exact to 244 ns only; a program that sets a time and reads it back has to find it again.
 */
export class ExactTimes {
  readonly #times: Map<string, SetTime> = new Map();

  /** Notes that `which` time of a file was just set. */
  note(inode: number, which: "accessed" | "modified", ns: bigint, ms: number): void {
    const key = `${which} ${inode}`;
    this.#times.delete(key);
    if (this.#times.size >= MAX_FILES) {
      const [oldest] = this.#times.keys();
      if (oldest !== undefined) this.#times.delete(oldest);
    }
    this.#times.set(key, { ms, ns });
  }

  /** The nanoseconds of a time that a file system reports. */
  read(inode: number, which: "accessed" | "modified", ms: number): bigint {
    const set = this.#times.get(`${which} ${inode}`);
    return set !== undefined && Math.abs(set.ms - ms) < TOLERANCE_MS ? set.ns : toNanoseconds(ms);
  }
}
