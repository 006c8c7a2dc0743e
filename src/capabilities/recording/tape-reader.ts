import { WardianError } from "../../errors.ts";
import { ByteReader } from "../../internal/byte-reader.ts";
import { EVENT, eventName, isEventKind } from "./events.ts";
import type { EventKind } from "./events.ts";

/**
 * Gives the inputs of a recorded run back in their order. A tape is hostile until read: every length is checked, and a
 * request for anything but the next event is a divergence. The first failure is kept: whoever swallows it is found out.
 */
export class TapeReader {
  readonly #in: ByteReader;
  readonly #run: number;
  #last: EventKind | undefined;
  #repeats = 0;
  #events = 0;
  #checks = 0;
  #failure: WardianError | undefined;

  /** `run` is the number of the run, from 1, for messages. */
  constructor(bytes: Uint8Array, run: number) {
    this.#in = new TapeBytes(bytes);
    this.#run = run;
  }

  get failure(): WardianError | undefined {
    return this.#failure;
  }

  get atEnd(): boolean {
    return this.#repeats === 0 && this.#in.position >= this.#in.end;
  }

  /** The kind of the next event; undefined at the end. */
  peek(): EventKind | undefined {
    return this.#read(() => this.#peek());
  }

  /**
   * Takes the next event, which must be of `kind`, and reads its payload. `what` says what the guest asks for.
   *
   * @throws WardianError "replay-diverged" if it is another one, "invalid-recording" if its bytes make no sense
   */
  take<T>(kind: EventKind, read: (payload: ByteReader) => T, what: string = eventName(kind)): T {
    return this.#read(() => {
      const next = this.#peek();
      if (next !== kind)
        throw this.#divergence(what, next === undefined ? "ends" : `has ${eventName(next)} as the next input`);
      this.#events += 1;
      this.#checks = 0;
      if (this.#repeats > 0) {
        this.#repeats -= 1;
        return read(NOTHING);
      }
      this.#in.position += 1;
      const start = this.#in.position;
      const value = read(this.#in);
      this.#last = this.#in.position === start ? kind : undefined;
      return value;
    });
  }

  /** A look at deadline and signal. True: the recorded run was ended by this one. */
  check(): boolean {
    return this.#read(() => {
      const checks = this.#checks;
      this.#checks += 1;
      if (this.#peek() !== EVENT.stop) return false;
      const { position } = this.#in;
      this.#in.position += 1;
      if (this.#in.u64() === checks) return true;
      this.#in.position = position;
      return false;
    });
  }

  /** The guest asked for something else than in the recorded run. */
  diverge(what: string, recorded: string): never {
    return this.#read(() => {
      throw this.#divergence(what, recorded);
    });
  }

  #divergence(what: string, recorded: string): WardianError {
    return new WardianError(
      "replay-diverged",
      `Cannot replay run ${this.#run}: at input ${this.#events + 1} the guest asks for ${what}, and the recording ${recorded}`,
    );
  }

  #peek(): EventKind | undefined {
    if (this.#repeats > 0) return this.#last;
    const kind = this.#in.bytes[this.#in.position];
    if (kind === undefined || this.#in.position >= this.#in.end) return undefined;
    if (!isEventKind(kind)) this.#in.fail(`there is no event of the kind ${kind}`);
    if (kind !== EVENT.repeat) return kind;
    this.#in.position += 1;
    const repeats = this.#in.u64();
    if (this.#last === undefined || repeats < 1 || repeats > MAX_REPEATS) this.#in.fail("nothing to repeat");
    this.#repeats = repeats;
    return this.#last;
  }

  #read<T>(read: () => T): T {
    // The guest may have gone on behind a failure that somebody swallowed: nothing after it means anything.
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return read();
    } catch (error) {
      this.#failure =
        error instanceof WardianError
          ? error
          : new WardianError("invalid-recording", `Cannot replay run ${this.#run}: its tape is damaged`, {
              cause: error,
            });
      throw this.#failure;
    }
  }
}

/** No guest gets this many answers before its fuel ends. */
const MAX_REPEATS = 2 ** 40;

const NOTHING = new ByteReader(new Uint8Array(0));

class TapeBytes extends ByteReader {
  override fail(message: string, offset: number = this.position): never {
    throw new WardianError("invalid-recording", `Cannot read the recording: ${message} at byte ${offset} of a tape`);
  }
}
