import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { WorkerAnswer, WorkerEvents, WorkerLink } from "../../worker-link.ts";

// Right from src/hosts/node/workers (tests) and from dist/hosts/node/workers (the package).
const script = new URL("../../../../dist/remote/worker-main.js", import.meta.url);

/** Words of the memory that both threads see: answers so far, and the run that is to stop. */
export const BELL = 0;
export const INTERRUPTED_RUN = 1;

/** What a thread is started with. */
export interface ThreadData {
  readonly answers: MessagePort;
  readonly signals: Int32Array;
}

/** An answer, with the ticket of its question. */
export interface TicketedAnswer {
  readonly ticket: number;
  readonly answer: WorkerAnswer;
}

/** A question among the messages of a thread. */
export interface TicketedQuestion {
  readonly ticket: number;
  readonly question: unknown;
}

/** The engine's own heap, for what the host side of a guest needs; a guest's memory is not part of it. */
const HEAP_MEGABYTES = 512;

/** Starts a guest thread in a process of somebody else's: without its flags. */
export const startThread = (events: WorkerEvents): WorkerLink => startGuestThread(events, []);

/** `flags`: the thread's own. Node's permissions are among them. */
export function startGuestThread(events: WorkerEvents, flags: string[]): WorkerLink {
  const { port1, port2 } = new MessageChannel();
  const signals = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(script, {
    workerData: { answers: port2, signals } satisfies ThreadData,
    transferList: [port2],
    // No environment (proxies, debug switches) and no arguments of the process that starts it.
    env: {},
    argv: [],
    execArgv: flags,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    name: "wardian-guest",
  });
  let over = false;
  const end = (why: string): void => {
    if (over) return;
    over = true;
    port1.close();
    events.onExit(why);
  };
  worker.on("message", (message: unknown) => {
    if (over) return;
    if (isQuestion(message)) events.onQuestion(message.ticket, message.question);
    else events.onMessage(message);
  });
  worker.on("error", (error: unknown) => end(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => end(`the thread ended with code ${code}`));
  // The port is for sending only; it must not keep the process alive.
  port1.unref();
  return {
    takesModules: true,
    post: (message) => {
      if (!over) worker.postMessage(message);
    },
    answer: (ticket, answer) => {
      if (over) return;
      port1.postMessage({ ticket, answer } satisfies TicketedAnswer);
      ring(signals);
    },
    interrupt: (run) => {
      Atomics.store(signals, INTERRUPTED_RUN, run);
      ring(signals);
      return true;
    },
    keepAlive: (keep) => {
      if (keep) worker.ref();
      else worker.unref();
    },
    terminate: () => {
      if (over) return;
      over = true;
      port1.close();
      void worker.terminate();
    },
  };
}

function ring(signals: Int32Array): void {
  Atomics.add(signals, BELL, 1);
  Atomics.notify(signals, BELL);
}

function isQuestion(message: unknown): message is TicketedQuestion {
  return typeof message === "object" && message !== null && typeof (message as TicketedQuestion).ticket === "number";
}
