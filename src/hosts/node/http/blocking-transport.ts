import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { TransportError } from "../../../capabilities/network/transport/transport.ts";
import type { BlockingTransport } from "../../../capabilities/network/transport/transport.ts";
import type { WorkerAnswer, WorkerMessage, WorkerQuestion } from "./worker-protocol.ts";

// Right from src/hosts/node/http (tests) and from dist/hosts/node/http (the package).
const script = new URL("../../../../dist/hosts/node/http/http-worker.js", import.meta.url);

/** One worker for the process: whoever asks waits, so there is one question at a time. */
interface Helper {
  readonly port: MessagePort;
  /** Counts answers; what the asking thread sleeps on. */
  readonly bell: Int32Array;
}

let helper: Helper | undefined;
let nextTicket = 1;
let nextId = 1;

/** The same transport in a worker thread, with the calling thread asleep until there is an answer. */
export const blockingTransport: BlockingTransport = {
  send(request, timeoutMs) {
    const id = nextId++;
    const answer = ask({ kind: "send", id, request }, timeoutMs);
    if (answer.kind !== "head") throw new TransportError("protocol");
    return {
      ...answer.head,
      read(patienceMs): Uint8Array | undefined {
        const next = ask({ kind: "read", id }, patienceMs);
        if (next.kind !== "piece") throw new TransportError("protocol");
        return next.piece;
      },
      cancel: () => tell(open(), { ticket: nextTicket++, question: { kind: "cancel", id } }),
    };
  },
};

function ask(question: Exclude<WorkerQuestion, { readonly kind: "cancel" }>, timeoutMs: number): WorkerAnswer {
  const { port, bell } = open();
  const ticket = nextTicket++;
  let heard = Atomics.load(bell, 0);
  tell({ port, bell }, { ticket, question });
  const end = performance.now() + timeoutMs;
  for (;;) {
    for (let message = receiveMessageOnPort(port); message !== undefined; message = receiveMessageOnPort(port)) {
      const answer = message.message as WorkerAnswer;
      // Answers to questions that were given up are dropped.
      if (answer.ticket !== ticket) continue;
      if (answer.kind === "failure") throw new TransportError(answer.failure, answer.reason);
      return answer;
    }
    const left = end - performance.now();
    if (!(left > 0)) {
      tell({ port, bell }, { ticket: nextTicket++, question: { kind: "cancel", id: question.id } });
      throw new TransportError("timeout");
    }
    Atomics.wait(bell, 0, heard, Math.min(left, 2 ** 31 - 1));
    heard = Atomics.load(bell, 0);
  }
}

function tell(to: Helper, message: WorkerMessage): void {
  // A port between threads of this process, which has no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  to.port.postMessage(message);
}

function open(): Helper {
  if (helper !== undefined) return helper;
  const { port1, port2 } = new MessageChannel();
  const bell = new Int32Array(new SharedArrayBuffer(4));
  // No environment (proxies, debug switches) and no flags of the process that starts it.
  const worker = new Worker(script, {
    workerData: { port: port2, bell },
    transferList: [port2],
    env: {},
    execArgv: [],
    name: "wardian-http",
  });
  const made: Helper = { port: port1, bell };
  const gone = (): void => {
    if (helper === made) helper = undefined;
    port1.close();
  };
  worker.on("error", gone);
  worker.on("exit", gone);
  // A process that has nothing else to do ends.
  worker.unref();
  port1.unref();
  helper = made;
  return made;
}
