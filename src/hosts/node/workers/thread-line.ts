import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { HostLine } from "../../worker-link.ts";
import { BELL, INTERRUPTED_RUN } from "./thread.ts";
import type { ThreadData, TicketedAnswer, TicketedQuestion } from "./thread.ts";

/** The longest that `Atomics.wait` is asked to sleep: it takes any number, timers don't. */
const LONGEST_MS = 2 ** 31 - 1;

/** The host's end of a guest thread; undefined on a thread that is none. */
export function threadLine(): HostLine | undefined {
  const port = parentPort;
  if (port === null) return undefined;
  const { answers, signals } = workerData as ThreadData;
  let nextTicket = 1;
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on("message", listener),
    interrupted: (run) => Atomics.load(signals, INTERRUPTED_RUN) === run,
    ask: (question, timeoutMs, run) => {
      const ticket = nextTicket++;
      // Before the question: a ring after this one is seen as a change.
      let heard = Atomics.load(signals, BELL);
      port.postMessage({ ticket, question } satisfies TicketedQuestion);
      const end = performance.now() + timeoutMs;
      for (;;) {
        for (let found = receiveMessageOnPort(answers); found !== undefined; found = receiveMessageOnPort(answers)) {
          const { ticket: answered, answer } = found.message as TicketedAnswer;
          // Answers to questions that were given up are dropped.
          if (answered === ticket) return answer;
        }
        const left = end - performance.now();
        if (!(left > 0) || Atomics.load(signals, INTERRUPTED_RUN) === run) return undefined;
        Atomics.wait(signals, BELL, heard, Math.min(left, LONGEST_MS));
        heard = Atomics.load(signals, BELL);
      }
    },
  };
}
