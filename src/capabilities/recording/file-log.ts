import { ByteWriter } from "../../internal/byte-writer.ts";
import type { FileResult } from "../files/file-system.ts";
import { EVENT } from "./events.ts";
import { FILE_METHOD } from "./file-methods.ts";
import type { FileMethod } from "./file-methods.ts";
import { readResult, writeResult, writeThrown } from "./file-results.ts";
import type { ResultCodec } from "./file-results.ts";
import { fingerprint } from "./payload.ts";
import type { TapeReader } from "./tape-reader.ts";
import type { TapeWriter } from "./tape-writer.ts";

/** Through which every call to a recorded or replayed node goes. */
export interface FileLog {
  /** Numbers nodes and handles as a guest meets them, which a replay does in the same order. Those of the owner have none: -1. */
  number(): number;
  /** The answer of a call. `act` makes it; a replay has it from its tape. */
  call<T>(method: FileMethod, args: readonly unknown[], act: () => FileResult<T>, codec: ResultCodec<T>): FileResult<T>;
}

/** Makes the calls and notes their answers. Between runs it only makes them. */
export class FileRecorder implements FileLog {
  readonly #tape: TapeWriter;
  readonly #payload = new ByteWriter();
  #next = 0;

  constructor(tape: TapeWriter) {
    this.#tape = tape;
  }

  number(): number {
    return this.#tape.running ? this.#next++ : -1;
  }

  call<T>(
    method: FileMethod,
    args: readonly unknown[],
    act: () => FileResult<T>,
    codec: ResultCodec<T>,
  ): FileResult<T> {
    if (!this.#tape.running) return act();
    const payload = this.#payload;
    payload.length = 0;
    payload.byte(FILE_METHOD[method]);
    payload.u32(fingerprint(...args.map(String)));
    const start = payload.length;
    try {
      const result = act();
      // A broken file system's answer throws here, as its replay will: the guest gets an I/O error both times.
      writeResult(payload, codec, result);
      return typeof result === "string" || codec.normal === undefined ? result : codec.normal(result);
    } catch (error) {
      payload.length = start;
      writeThrown(payload);
      throw error;
    } finally {
      this.#tape.event(EVENT.file, (out) => out.bytes(payload.view()));
    }
  }
}

/** Answers from the tape of a recorded run and makes no call at all. */
export class FileReplayer implements FileLog {
  readonly #tape: () => TapeReader | undefined;
  #next = 0;

  constructor(tape: () => TapeReader | undefined) {
    this.#tape = tape;
  }

  number(): number {
    return this.#tape() === undefined ? -1 : this.#next++;
  }

  call<T>(
    method: FileMethod,
    args: readonly unknown[],
    _act: () => FileResult<T>,
    codec: ResultCodec<T>,
  ): FileResult<T> {
    const reader = this.#tape();
    if (reader === undefined) return "EIO";
    const what = `the file operation ${method}(${args.map(String).join(", ").slice(0, 200)})`;
    // In two steps: what a file system threw is an answer, and not a failure of the tape.
    const answer = reader.take(
      EVENT.file,
      (payload) => {
        if (payload.byte() !== FILE_METHOD[method] || payload.u32() !== fingerprint(...args.map(String)))
          reader.diverge(what, "has another file operation");
        return readResult(payload, codec);
      },
      what,
    );
    if (answer.threw) throw new Error("The file system threw in the recorded run");
    return answer.result;
  }
}
