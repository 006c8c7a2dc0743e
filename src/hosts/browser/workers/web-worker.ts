import { WardianError } from "../../../errors.ts";
import type { StartWorker } from "../../worker-link.ts";
import { AnswerWriter, createSharedAnswers } from "./answer-buffer.ts";

/** What a worker sends beside its messages. */
export type FromWebWorker =
  | { readonly type: "ready" }
  | { readonly type: "message"; readonly message: unknown }
  | { readonly type: "question"; readonly ticket: number; readonly question: unknown }
  | { readonly type: "more"; readonly ticket: number };

/** What a worker gets first: the memory that both share. */
export interface ToWebWorker {
  readonly buffer: SharedArrayBuffer;
}

/**
 * Starts a guest in a Web Worker.
 *
 * @throws WardianError "unsupported" on a page that is not cross-origin isolated: there is no shared memory to wake a worker by.
 */
export const startWebWorker: StartWorker = (events) => {
  if (typeof SharedArrayBuffer === "undefined" || typeof Worker === "undefined")
    throw new WardianError(
      "unsupported",
      'Cannot create a sandbox: execution "worker" needs a page that is cross-origin isolated (Cross-Origin-Opener-Policy: same-origin, Cross-Origin-Embedder-Policy: require-corp); use "yielding" or "inline"',
    );
  const shared = createSharedAnswers();
  const writer = new AnswerWriter(shared);
  // Written so that bundlers see it.
  const worker = new Worker(new URL("../../../remote/worker-main.js", import.meta.url), { type: "module" });
  let over = false;
  const early: unknown[] = [];
  let ready = false;
  worker.addEventListener("message", ({ data }: MessageEvent<FromWebWorker>) => {
    if (over) return;
    switch (data.type) {
      case "ready":
        // What is posted to a worker whose module is still loading gets lost in some browsers.
        ready = true;
        worker.postMessage({ buffer: shared.words.buffer });
        for (const message of early.splice(0)) worker.postMessage(message);
        break;
      case "message":
        events.onMessage(data.message);
        break;
      case "question":
        writer.asked(data.ticket);
        events.onQuestion(data.ticket, data.question);
        break;
      case "more":
        writer.writeNext(data.ticket);
        break;
    }
  });
  worker.addEventListener("error", (event) => {
    if (over) return;
    over = true;
    worker.terminate();
    events.onExit(event.message === "" ? "the worker could not be started" : event.message);
  });
  return {
    takesModules: true,
    post: (message) => {
      if (ready) worker.postMessage(message);
      else early.push(message);
    },
    answer: (ticket, answer) => writer.answer(ticket, answer),
    interrupt: (run) => {
      writer.interrupt(run);
      return true;
    },
    // A page lives as long as it is shown.
    keepAlive: () => undefined,
    terminate: () => {
      over = true;
      worker.terminate();
    },
  };
};
