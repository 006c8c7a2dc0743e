import { ByteWriter } from "../../internal/byte-writer.ts";
import { EVENT } from "./events.ts";
import type { EventKind } from "./events.ts";

/** Takes down, one after the other, the inputs of the run in progress. Between runs it takes nothing. */
export class TapeWriter {
  readonly #maxBytes: number;
  #out = new ByteWriter();
  #runs = 0;
  #running = false;
  #full = false;
  /** The last event if it had no payload: the next of its kind is only counted. */
  #last: EventKind | undefined;
  #repeats = 0;
  #checks = 0;

  /** A tape that would be longer than `maxBytes` is given up: see {@link TapeWriter.take}. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a run is in progress whose inputs are wanted. */
  get running(): boolean {
    return this.#running && !this.#full;
  }

  /** How many runs have begun: what was noted in another one is on another tape. */
  get runs(): number {
    return this.#runs;
  }

  begin(): void {
    this.#runs += 1;
    this.#out = new ByteWriter();
    this.#running = true;
    this.#full = false;
    this.#last = undefined;
    this.#repeats = 0;
    this.#checks = 0;
  }

  /** Notes an input; `write` adds its payload. Nothing is noted between runs. */
  event(kind: EventKind, write?: (out: ByteWriter) => void): void {
    if (!this.running) return;
    this.#checks = 0;
    if (write === undefined && kind === this.#last) {
      this.#repeats += 1;
      return;
    }
    this.#flush();
    this.#out.byte(kind);
    write?.(this.#out);
    this.#last = write === undefined ? kind : undefined;
    if (this.#out.length <= this.#maxBytes) return;
    this.#full = true;
    this.#out = new ByteWriter(16);
  }

  /** Counts a look at deadline and signal; `stopped`: it was the one that ended the run. */
  check(stopped: boolean): void {
    const checks = this.#checks;
    if (stopped) this.event(EVENT.stop, (out) => out.u64(checks));
    this.#checks = checks + 1;
  }

  /** Ends the run and gives its tape; undefined if it grew too long. */
  take(): Uint8Array | undefined {
    this.#flush();
    this.#running = false;
    const bytes = this.#full ? undefined : this.#out.finish();
    this.#out = new ByteWriter(16);
    return bytes;
  }

  #flush(): void {
    if (this.#repeats === 0) return;
    this.#out.byte(EVENT.repeat);
    this.#out.u64(this.#repeats);
    this.#repeats = 0;
    this.#last = undefined;
  }
}
