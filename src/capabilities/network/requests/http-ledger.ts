import type { PendingCalls } from "../../pending-calls.ts";
import type { ToolReply, ToolSettlement } from "../../tools/tool-calls.ts";
import { BlockingRequests } from "./blocking-requests.ts";
import { exchange } from "./exchange.ts";
import { HTTP_ERROR } from "../http-calls.ts";
import type { HttpBodyReply, HttpCalls } from "../http-calls.ts";
import { HttpCall } from "./http-call.ts";
import type { HttpLedgerOptions, SpentNetwork } from "./http-ledger-options.ts";
import { errorReply, refusal, UNSUPPORTED } from "./http-replies.ts";
import { NetworkAccount } from "./network-account.ts";
import type { NetworkDenial } from "./network-account.ts";
import { OpenRequests } from "./open-requests.ts";
import { parseRequest } from "../policy/parse-request.ts";
import { BYTE_UNITS, READ_UNITS, REQUEST_UNITS } from "./request-costs.ts";
import { RequestDriver } from "./request-driver.ts";
import type { MutableRecord, RequestRecord } from "./request-record.ts";

/**
 * The HTTP requests of one run: asks the rules, drives the transport, keeps what has arrived until the guest takes it,
 * counts everything against the budgets. Nothing of it outlives the run.
 */
export class HttpLedger implements HttpCalls, PendingCalls {
  readonly #options: HttpLedgerOptions;
  readonly #account: NetworkAccount;
  readonly #open: OpenRequests;
  readonly #driver: RequestDriver;
  readonly #blocking: BlockingRequests;
  readonly #records: MutableRecord[] = [];
  #started = 0;

  constructor(options: HttpLedgerOptions) {
    this.#options = options;
    this.#account = new NetworkAccount(options.network.limits, options.network.secrets, options.spent);
    this.#started = options.spent?.started ?? 0;
    this.#open = new OpenRequests((units) => options.charge(units));
    this.#driver = new RequestDriver(options, this.#account, this.#open);
    this.#blocking = new BlockingRequests(options, this.#account, this.#open);
  }

  /** Requests that went out, redirects included. */
  get count(): number {
    return this.#account.requests;
  }

  /** Bytes up and down. */
  get bytes(): number {
    return this.#account.bytesUp + this.#account.bytesDown;
  }

  /** What later stretches of the run count on from. */
  get spent(): SpentNetwork {
    const { requests, bytesUp, bytesDown } = this.#account;
    return { started: this.#started, requests, bytesUp, bytesDown };
  }

  /** The budget that refused something last; undefined if none has. */
  get exhausted(): number | undefined {
    return this.#account.exhausted;
  }

  get denials(): readonly NetworkDenial[] {
    return this.#account.denials;
  }

  get records(): readonly RequestRecord[] {
    return this.#records.map((record) => ({ ...record }));
  }

  start(requestJson: string, body: Uint8Array, blocking: boolean): ToolReply {
    // A guest that talks after the end of its run gets no power.
    if (this.#open.closed) return errorReply(HTTP_ERROR.failed, "The run is over");
    this.#options.charge(REQUEST_UNITS + (requestJson.length + body.length) * BYTE_UNITS);
    const request = parseRequest(requestJson, body);
    if (typeof request === "string") return errorReply(HTTP_ERROR.invalid, `Cannot send the request: ${request}`);
    const { network, transport, allowAsync } = this.#options;
    const { limits } = network;
    // The first hop is paid for here, so that no more requests wait (and hold memory) than may be sent.
    const steps = exchange(network, request, this.#account);
    const first = steps.next();
    if (first.done === true) return refusal(first.value);
    this.#started++;
    const record: MutableRecord = {
      method: request.method,
      url: this.#account.placeOf(request.url),
      outcome: "pending",
    };
    if (this.#records.length < MAX_RECORDS) this.#records.push(record);
    const call = new HttpCall(FIRST_ID + this.#started, record, first.value, limits.timeoutMs, request.timeoutMs);
    if (transport === undefined) return this.#open.failStart(call, UNSUPPORTED);
    this.#open.add(call);
    if (blocking || !allowAsync) return this.#blocking.start(call, steps, transport);
    void this.#driver.drive(call, steps, transport);
    return { state: "pending", id: call.id };
  }

  read(id: number, maxBytes: number): HttpBodyReply {
    const call = this.#open.find(id);
    if (call === undefined || this.#open.closed)
      return { state: "error", name: HTTP_ERROR.failed, message: "The body was read or given up before" };
    const most = Math.max(1, Math.min(maxBytes, MAX_PIECE));
    if (call.blocking !== undefined && call.idle) this.#blocking.read(call, call.blocking);
    const piece = call.take(most);
    if (piece !== undefined) {
      this.#options.charge(READ_UNITS + piece.length * BYTE_UNITS);
      return { state: "bytes", bytes: piece };
    }
    if (call.failure !== undefined) {
      this.#open.forget(id);
      return { state: "error", name: call.failure.name, message: call.failure.message };
    }
    if (call.ended) {
      this.#open.forget(id);
      return { state: "end" };
    }
    call.waiting = true;
    return { state: "pending", id };
  }

  cancel(id: number): void {
    this.#open.cancel(id);
  }

  takeSettled(): readonly ToolSettlement[] {
    return this.#open.takeSettled();
  }

  nextSettlement(): Promise<void> {
    return this.#open.nextSettlement();
  }

  /** Ends the run's requests: connections are closed, what comes later is dropped. */
  close(): void {
    this.#open.close();
  }
}

/** Where the numbers of requests begin: those of tools count from 0 and stay below. */
const FIRST_ID = 2 ** 32;
/** The most of a body that one read hands over. */
const MAX_PIECE = 65_536;
const MAX_RECORDS = 10_000;
