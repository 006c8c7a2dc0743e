import type { WorkerAnswer } from "../../worker-link.ts";

/**
 * Memory that a page and its worker share, through which a page answers a worker that sleeps. A page can't post to a
 * thread that doesn't take messages, so the answer is written here, in as many pieces as it takes.
 */
export interface SharedAnswers {
  readonly words: Int32Array;
  readonly data: Uint8Array;
}

/** Words: rings so far; the run that is to stop; whose answer is there; 1 while a piece waits to be taken; its length; what follows it. */
export const WORD = { bell: 0, interruptedRun: 1, ticket: 2, full: 3, length: 4, left: 5 } as const;

const WORDS_BYTES = 32;
const DATA_BYTES = 256 * 1_024;

export function createSharedAnswers(): SharedAnswers {
  return openSharedAnswers(new SharedArrayBuffer(WORDS_BYTES + DATA_BYTES));
}

export function openSharedAnswers(buffer: SharedArrayBuffer): SharedAnswers {
  return { words: new Int32Array(buffer, 0, WORDS_BYTES / 4), data: new Uint8Array(buffer, WORDS_BYTES) };
}

/** The page's end. */
export class AnswerWriter {
  readonly #shared: SharedAnswers;
  #ticket = 0;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(shared: SharedAnswers) {
    this.#shared = shared;
  }

  /** The worker waits for the answer of this question, and of none before. */
  asked(ticket: number): void {
    this.#ticket = ticket;
    this.#rest = new Uint8Array(0);
  }

  answer(ticket: number, answer: WorkerAnswer): void {
    if (ticket !== this.#ticket) return;
    this.#rest = encodeAnswer(answer);
    this.writeNext(ticket);
  }

  /** The worker has taken a piece and wants the next. */
  writeNext(ticket: number): void {
    const { words, data } = this.#shared;
    if (
      ticket !== this.#ticket ||
      (Atomics.load(words, WORD.full) === 1 && Atomics.load(words, WORD.ticket) === ticket)
    )
      return;
    const piece = this.#rest.subarray(0, data.length);
    this.#rest = this.#rest.subarray(piece.length);
    data.set(piece);
    Atomics.store(words, WORD.length, piece.length);
    Atomics.store(words, WORD.left, this.#rest.length);
    Atomics.store(words, WORD.ticket, ticket);
    Atomics.store(words, WORD.full, 1);
    ring(words);
  }

  interrupt(run: number): void {
    Atomics.store(this.#shared.words, WORD.interruptedRun, run);
    ring(this.#shared.words);
  }
}

function ring(words: Int32Array): void {
  Atomics.add(words, WORD.bell, 1);
  Atomics.notify(words, WORD.bell);
}

/** The length of the JSON part (32 bits, little-endian), that part, the bytes. */
function encodeAnswer({ bytes, ...rest }: WorkerAnswer): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ ...rest, hasBytes: bytes !== undefined }));
  const encoded = new Uint8Array(4 + json.length + (bytes?.length ?? 0));
  new DataView(encoded.buffer).setUint32(0, json.length, true);
  encoded.set(json, 4);
  if (bytes !== undefined) encoded.set(bytes, 4 + json.length);
  return encoded;
}

export function decodeAnswer(encoded: Uint8Array<ArrayBuffer>): WorkerAnswer {
  const length = new DataView(encoded.buffer, encoded.byteOffset).getUint32(0, true);
  const { hasBytes, ...answer } = JSON.parse(
    new TextDecoder().decode(encoded.subarray(4, 4 + length)),
  ) as WorkerAnswer & {
    readonly hasBytes: boolean;
  };
  return hasBytes ? { ...answer, bytes: encoded.slice(4 + length) } : answer;
}
