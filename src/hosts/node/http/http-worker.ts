/** The thread that sends requests for a thread that waits. Its only caller is blocking-transport.ts. */
import { workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { TransportError } from "../../../capabilities/network/transport/transport.ts";
import type { TransportResponse } from "../../../capabilities/network/transport/transport.ts";
import { systemResolve } from "./resolve-checked.ts";
import { sendWithUndici } from "./undici-transport.ts";
import type { WorkerAnswer, WorkerMessage, WorkerQuestion } from "./worker-protocol.ts";

const { port, bell } = workerData as { readonly port: MessagePort; readonly bell: Int32Array };

interface Open {
  readonly abort: AbortController;
  response?: TransportResponse;
}

const open = new Map<number, Open>();

port.on("message", ({ ticket, question }: WorkerMessage) => {
  if (question.kind === "cancel") {
    const known = open.get(question.id);
    open.delete(question.id);
    known?.abort.abort();
    known?.response?.cancel();
    return;
  }
  void answer(ticket, question);
});

async function answer(ticket: number, question: Exclude<WorkerQuestion, { readonly kind: "cancel" }>): Promise<void> {
  let reply: WorkerAnswer;
  try {
    reply = question.kind === "send" ? await send(ticket, question) : await read(ticket, question.id);
  } catch (error) {
    open.delete(question.id);
    const known = error instanceof TransportError ? error : new TransportError("connection");
    reply = { ticket, kind: "failure", failure: known.failure, reason: known.reason };
  }
  port.postMessage(reply);
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
}

async function send(
  ticket: number,
  { id, request }: Extract<WorkerQuestion, { readonly kind: "send" }>,
): Promise<WorkerAnswer> {
  const call: Open = { abort: new AbortController() };
  open.set(id, call);
  const response = await sendWithUndici(request, call.abort.signal, systemResolve);
  // Given up in the meantime.
  if (!open.has(id)) response.cancel();
  else call.response = response;
  const { status, statusText, headers } = response;
  return { ticket, kind: "head", head: { status, statusText, headers } };
}

async function read(ticket: number, id: number): Promise<WorkerAnswer> {
  const piece = await open.get(id)?.response?.read();
  if (piece === undefined) open.delete(id);
  return { ticket, kind: "piece", piece };
}
