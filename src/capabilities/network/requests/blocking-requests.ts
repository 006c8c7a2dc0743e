import type { ToolReply } from "../../tools/tool-calls.ts";
import type { Exchange } from "./exchange.ts";
import type { HttpCall } from "./http-call.ts";
import type { HttpLedgerOptions } from "./http-ledger-options.ts";
import { boundedHead, CANNOT_BLOCK, describeFailure, errorReply, headJson, refusal } from "./http-replies.ts";
import type { NetworkAccount } from "./network-account.ts";
import type { OpenRequests } from "./open-requests.ts";
import { BYTE_UNITS } from "./request-costs.ts";
import type { BlockingResponse, HttpTransport } from "../transport/transport.ts";

/** Takes requests through the transport while the guest, and its host, wait. */
export class BlockingRequests {
  readonly #options: HttpLedgerOptions;
  readonly #account: NetworkAccount;
  readonly #open: OpenRequests;

  constructor(options: HttpLedgerOptions, account: NetworkAccount, open: OpenRequests) {
    this.#options = options;
    this.#account = account;
    this.#open = open;
  }

  start(call: HttpCall, steps: Exchange, { blocking }: HttpTransport): ToolReply {
    if (blocking === undefined) return this.#open.failStart(call, CANNOT_BLOCK);
    call.deadline = this.#options.now() + call.timeoutMs;
    let response: BlockingResponse | undefined;
    try {
      for (;;) {
        response = blocking.send(call.hop, this.#patience(call));
        const next = steps.next(boundedHead(response));
        if (next.done !== true) {
          response.cancel();
          call.hop = next.value;
        } else if (next.value.kind === "refused") {
          response.cancel();
          this.#open.failStart(call, "");
          return refusal(next.value);
        } else {
          call.accept(next.value.sent);
          call.blocking = response;
          call.headSent = true;
          call.record.outcome = "response";
          call.record.status = response.status;
          const json = headJson(this.#options.network.secrets, call.id, next.value, response);
          this.#options.charge(json.length * BYTE_UNITS);
          return { state: "value", json };
        }
      }
    } catch (error) {
      response?.cancel();
      this.#open.failStart(call, "");
      const { name, message } = describeFailure(error, call, this.#account);
      return errorReply(name, message);
    }
  }

  read(call: HttpCall, response: BlockingResponse): void {
    try {
      const piece = response.read(this.#patience(call));
      const refused = piece === undefined ? undefined : this.#account.payBytesDown(new URL(call.hop.url), piece.length);
      if (refused === undefined) call.put(piece);
      else call.failure = { name: refused.name, message: refused.message };
    } catch (error) {
      call.failure = describeFailure(error, call, this.#account);
    }
    if (call.failure === undefined) return;
    call.record.outcome = "error";
    response.cancel();
  }

  #patience(call: HttpCall): number {
    return Math.max(0, Math.min(call.deadline - this.#options.now(), this.#options.remainingMs()));
  }
}
