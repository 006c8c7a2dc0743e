import type { HostLine } from "../../worker-link.ts";
import { decodeAnswer, openSharedAnswers, WORD } from "./answer-buffer.ts";
import type { SharedAnswers } from "./answer-buffer.ts";
import type { FromWebWorker, ToWebWorker } from "./web-worker.ts";

/** The global scope of a worker, of which the page's types know nothing. */
interface WorkerScope {
  postMessage(message: FromWebWorker): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

/** The page's end of a guest's Web Worker; undefined on a page. */
export function webWorkerLine(): HostLine | undefined {
  if (typeof document !== "undefined") return undefined;
  const scope = globalThis as unknown as WorkerScope;
  let shared: SharedAnswers | undefined;
  let listener: ((message: unknown) => void) | undefined;
  let nextTicket = 1;
  scope.addEventListener("message", ({ data }) => {
    if (shared === undefined) shared = openSharedAnswers((data as ToWebWorker).buffer);
    else listener?.(data);
  });
  return {
    // 500 KB in Chromium, half of what a page has.
    shortStack: true,
    post: (message) => scope.postMessage({ type: "message", message }),
    onMessage: (wanted) => {
      listener = wanted;
      scope.postMessage({ type: "ready" });
    },
    interrupted: (run) => shared !== undefined && Atomics.load(shared.words, WORD.interruptedRun) === run,
    ask: (question, timeoutMs, run) => {
      if (shared === undefined) return undefined;
      const { words } = shared;
      const ticket = nextTicket++;
      const end = performance.now() + timeoutMs;
      const pieces: Uint8Array[] = [];
      // Before the question: a ring after this one is seen as a change.
      let heard = Atomics.load(words, WORD.bell);
      scope.postMessage({ type: "question", ticket, question });
      for (;;) {
        if (takePiece(shared, ticket, pieces)) {
          if (Atomics.load(words, WORD.left) === 0) return decodeAnswer(joined(pieces));
          Atomics.store(words, WORD.full, 0);
          scope.postMessage({ type: "more", ticket });
        }
        const left = end - performance.now();
        if (!(left > 0) || Atomics.load(words, WORD.interruptedRun) === run) return undefined;
        Atomics.wait(words, WORD.bell, heard, Math.min(left, LONGEST_MS));
        heard = Atomics.load(words, WORD.bell);
      }
    },
  };
}

const LONGEST_MS = 2 ** 31 - 1;

function takePiece({ words, data }: SharedAnswers, ticket: number, pieces: Uint8Array[]): boolean {
  if (Atomics.load(words, WORD.full) !== 1 || Atomics.load(words, WORD.ticket) !== ticket) return false;
  pieces.push(data.slice(0, Atomics.load(words, WORD.length)));
  return true;
}

/** A copy in memory that is not shared: text decoders refuse the other kind. */
function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
