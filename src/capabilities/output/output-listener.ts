import type { OutputStream } from "../output.ts";
import { KeptBytes } from "./kept-bytes.ts";

/** A piece of output as it comes. It never splits a character, unless the guest's bytes are not UTF-8. */
export interface OutputChunk {
  readonly stream: OutputStream;
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Called with output as it comes. A promise holds the next call back until it has settled. */
export type OnOutput = (chunk: OutputChunk) => unknown;

/** Switches between the streams that are remembered while a consumer is slow; behind them each stream has its own order only. */
const MAX_PIECES = 1_024;

/**
 * Hands output to a caller's callback, one call at a time: while a promise of it is pending, output gathers here (no more
 * than the limit lets through) and comes in larger pieces. A run waits for {@link OutputListener.drained} before its
 * guest goes on after a wait, so a slow consumer slows the guest down.
 */
export class OutputListener {
  readonly #onOutput: OnOutput;
  #waiting: { readonly stream: OutputStream; readonly bytes: KeptBytes }[] = [];
  #pending = false;
  #failed = false;
  #failure: { readonly error: unknown } | undefined;
  #idle: (() => void)[] = [];
  /** What a promise of an earlier run comes to is nobody's business any more. */
  #run = 0;

  constructor(onOutput: OnOutput) {
    this.#onOutput = onOutput;
  }

  /** Takes the bytes over: they must not change. */
  deliver(stream: OutputStream, bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#failed) return;
    if (this.#pending) this.#keep(stream, bytes);
    else this.#call(stream, bytes);
  }

  /** Resolves when the callback has taken all that there is; undefined if it has already. */
  drained(): Promise<void> | undefined {
    if (!this.#pending) return undefined;
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** The run is over: what is left is handed over at once. */
  finish(): void {
    this.#pending = false;
    this.#run += 1;
    while (this.#waiting.length > 0) this.#callNext();
    this.#settle();
  }

  /** The first thing that the callback threw or rejected with, once. */
  takeFailure(): { readonly error: unknown } | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** For the next run. */
  reset(): void {
    this.#run += 1;
    this.#waiting = [];
    this.#pending = false;
    this.#failed = false;
    this.#failure = undefined;
    this.#settle();
  }

  #keep(stream: OutputStream, bytes: Uint8Array): void {
    const last = this.#waiting.at(-1);
    // A guest that writes to both in turns, byte by byte, must not cost an object a byte.
    const before = this.#waiting.length < MAX_PIECES ? undefined : this.#waiting.at(-2);
    const piece = last?.stream === stream ? last : before;
    if (piece !== undefined) {
      piece.bytes.append(bytes);
      return;
    }
    const kept = new KeptBytes();
    kept.append(bytes);
    this.#waiting.push({ stream, bytes: kept });
  }

  #callNext(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#call(next.stream, next.bytes.bytes());
  }

  #call(stream: OutputStream, bytes: Uint8Array): void {
    try {
      const result = this.#onOutput({ stream, text: decode(bytes), bytes });
      if (isThenable(result)) this.#wait(result);
    } catch (error) {
      // Into the guest it must not go: the host's error is no business of the guest's.
      this.#fail(error);
    }
  }

  #wait(promise: PromiseLike<unknown>): void {
    const run = this.#run;
    this.#pending = true;
    Promise.resolve(promise).then(
      () => this.#goOn(run),
      (error: unknown) => {
        if (run === this.#run) this.#fail(error);
        this.#goOn(run);
      },
    );
  }

  #goOn(run: number): void {
    if (run !== this.#run) return;
    this.#pending = false;
    // A callback that returns at once has all of it at once.
    while (!this.#stillPending() && this.#waiting.length > 0) this.#callNext();
    if (!this.#stillPending()) this.#settle();
  }

  #stillPending(): boolean {
    return this.#pending;
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#failure = { error };
    this.#waiting = [];
  }

  #settle(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** UTF-8, with U+FFFD for what is not. A byte order mark is a character that the guest wrote, so it stays. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
