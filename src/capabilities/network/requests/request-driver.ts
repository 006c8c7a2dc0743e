import type { Exchange, ExchangeEnd } from "./exchange.ts";
import type { HttpCall } from "./http-call.ts";
import type { HttpLedgerOptions } from "./http-ledger-options.ts";
import { boundedHead, describeFailure, errorReply, headJson } from "./http-replies.ts";
import type { NetworkAccount } from "./network-account.ts";
import type { OpenRequests } from "./open-requests.ts";
import { RequestQueue } from "./request-queue.ts";
import { TransportError } from "../transport/transport.ts";
import type { HttpTransport, TransportHead, TransportResponse } from "../transport/transport.ts";

/** Takes requests through the transport while the guest goes on. */
export class RequestDriver {
  readonly #options: HttpLedgerOptions;
  readonly #account: NetworkAccount;
  readonly #open: OpenRequests;
  readonly #queue: RequestQueue;

  constructor(options: HttpLedgerOptions, account: NetworkAccount, open: OpenRequests) {
    this.#options = options;
    this.#account = account;
    this.#open = open;
    this.#queue = new RequestQueue(options.network.limits.concurrency);
  }

  /** From the queue to the end of the body. Never rejects. */
  async drive(call: HttpCall, steps: Exchange, transport: HttpTransport): Promise<void> {
    // The time in the queue counts: a run that holds all places with bodies that it does not read ends their requests so.
    void this.#options.sleep(call.timeoutMs, call.signal).then(
      () => this.#timeOut(call),
      () => undefined,
    );
    const leave = await this.#queue.enter(call.signal);
    try {
      const found = await this.#follow(call, steps, transport);
      if (found !== undefined) await this.#pump(call, found);
    } catch (error) {
      this.#fail(call, error);
    } finally {
      leave();
      // Its timer is of no more use.
      call.release();
    }
  }

  async #follow(call: HttpCall, steps: Exchange, transport: HttpTransport): Promise<TransportResponse | undefined> {
    for (;;) {
      call.signal.throwIfAborted();
      const response = await transport.send(call.hop, call.signal);
      if (call.signal.aborted) {
        response.cancel();
        return undefined;
      }
      const next = steps.next(boundedHead(response));
      if (next.done !== true) {
        response.cancel();
        call.hop = next.value;
      } else if (this.#arrive(call, next.value, response)) return response;
      else {
        response.cancel();
        return undefined;
      }
    }
  }

  /** The exchange is over: with a response, or refused on the way. Returns whether there is a body to read. */
  #arrive(call: HttpCall, end: ExchangeEnd, head: TransportHead): boolean {
    if (end.kind === "refused") {
      call.record.outcome = "error";
      call.failure = { name: end.name, message: end.message };
      this.#open.settle(call, errorReply(end.name, end.message));
      return false;
    }
    call.accept(end.sent);
    call.record.outcome = "response";
    call.record.status = head.status;
    this.#open.settle(call, { state: "value", json: headJson(this.#options.network.secrets, call.id, end, head) });
    return true;
  }

  async #pump(call: HttpCall, response: TransportResponse): Promise<void> {
    try {
      for (;;) {
        const piece = await response.read();
        if (call.signal.aborted) return;
        if (!this.#receive(call, piece)) return;
        await call.room();
      }
    } finally {
      response.cancel();
    }
  }

  /** Takes a piece of the body in, or its end. Returns whether there is more to come. */
  #receive(call: HttpCall, piece: Uint8Array | undefined): boolean {
    const refused = piece === undefined ? undefined : this.#account.payBytesDown(new URL(call.hop.url), piece.length);
    if (refused !== undefined) {
      call.record.outcome = "error";
      call.failure = { name: refused.name, message: refused.message };
    } else call.put(piece);
    this.#open.notify(call);
    return piece !== undefined && refused === undefined;
  }

  #fail(call: HttpCall, error: unknown): void {
    if (call.cancelled || this.#open.closed || call.failure !== undefined) return;
    call.record.outcome = "error";
    call.failure = describeFailure(error, call, this.#account);
    this.#open.notify(call);
  }

  #timeOut(call: HttpCall): void {
    if (call.cancelled || call.ended || call.failure !== undefined || this.#open.closed) return;
    call.record.outcome = "error";
    call.failure = describeFailure(new TransportError("timeout"), call, this.#account);
    call.abort();
    this.#open.notify(call);
  }
}
