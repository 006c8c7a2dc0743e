import type { PendingCalls } from "../pending-calls.ts";
import type { ToolReply, ToolSettlement } from "../tools/tool-calls.ts";
import { exchange } from "./exchange.ts";
import type { ExchangeEnd } from "./exchange.ts";
import { HTTP_ERROR } from "./http-calls.ts";
import type { HttpBodyReply, HttpCalls } from "./http-calls.ts";
import { HttpCall } from "./http-call.ts";
import { boundedHead, CANNOT_BLOCK, describeFailure, errorReply, headJson, UNSUPPORTED } from "./http-replies.ts";
import { NetworkAccount } from "./network-account.ts";
import type { NetworkDenial } from "./network-account.ts";
import { parseRequest } from "./parse-request.ts";
import { RequestQueue } from "./request-queue.ts";
import type { ResolvedNetwork } from "./resolve-network.ts";
import { TransportError } from "./transport.ts";
import type {
  BlockingResponse,
  HttpTransport,
  TransportHead,
  TransportRequest,
  TransportResponse,
} from "./transport.ts";

export interface HttpLedgerOptions {
  readonly network: ResolvedNetwork;
  /** Undefined: this platform has none, and every request fails. */
  readonly transport: HttpTransport | undefined;
  /** False in `runSync`: every request then blocks, or fails where the transport can't. */
  readonly allowAsync: boolean;
  /** Charges host work in fuel units. */
  readonly charge: (units: number) => unknown;
  /** Milliseconds left of the run, for waits that block. */
  readonly remainingMs: () => number;
  /** A monotonic host clock in milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** One request as the caller of `run` sees it. */
export interface RequestRecord {
  readonly method: string;
  /** Origin and path of what was asked for, without the query; secrets masked. */
  readonly url: string;
  readonly outcome: "response" | "error" | "pending";
  /** Of the last response. */
  readonly status?: number;
}

type Exchange = Generator<TransportRequest, ExchangeEnd, TransportHead>;
type MutableRecord = { -readonly [K in keyof RequestRecord]: RequestRecord[K] };

/**
 * The HTTP requests of one run: asks the rules, drives the transport, keeps what has arrived until the guest takes it,
 * counts everything against the budgets. Nothing of it outlives the run.
 */
export class HttpLedger implements HttpCalls, PendingCalls {
  readonly #options: HttpLedgerOptions;
  readonly #account: NetworkAccount;
  readonly #queue: RequestQueue;
  readonly #calls = new Map<number, HttpCall>();
  readonly #records: MutableRecord[] = [];
  #settled: ToolSettlement[] = [];
  #started = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: HttpLedgerOptions) {
    this.#options = options;
    this.#account = new NetworkAccount(options.network.limits, options.network.secrets);
    this.#queue = new RequestQueue(options.network.limits.concurrency);
  }

  /** Requests that went out, redirects included. */
  get count(): number {
    return this.#account.requests;
  }

  /** Bytes up and down. */
  get bytes(): number {
    return this.#account.bytesUp + this.#account.bytesDown;
  }

  get denials(): readonly NetworkDenial[] {
    return this.#account.denials;
  }

  get records(): readonly RequestRecord[] {
    return this.#records.map((record) => ({ ...record }));
  }

  start(requestJson: string, body: Uint8Array, blocking: boolean): ToolReply {
    // A guest that talks after the end of its run gets no power.
    if (this.#closed) return errorReply(HTTP_ERROR.failed, "The run is over");
    this.#options.charge(REQUEST_UNITS + (requestJson.length + body.length) * BYTE_UNITS);
    const request = parseRequest(requestJson, body);
    if (typeof request === "string") return errorReply(HTTP_ERROR.invalid, `Cannot send the request: ${request}`);
    const { network, transport, allowAsync } = this.#options;
    const { limits } = network;
    // The first hop is paid for here, so that no more requests wait (and hold memory) than may be sent.
    const steps = exchange(network, request, this.#account);
    const first = steps.next();
    if (first.done === true) return this.#refuse(first.value);
    this.#started++;
    const record: MutableRecord = {
      method: request.method,
      url: this.#account.placeOf(request.url),
      outcome: "pending",
    };
    if (this.#records.length < MAX_RECORDS) this.#records.push(record);
    const call = new HttpCall(FIRST_ID + this.#started, record, first.value, limits.timeoutMs, request.timeoutMs);
    if (transport === undefined) return this.#failStart(call, UNSUPPORTED);
    this.#calls.set(call.id, call);
    if (blocking || !allowAsync) return this.#startBlocking(call, steps, transport);
    void this.#drive(call, steps, transport);
    return { state: "pending", id: call.id };
  }

  read(id: number, maxBytes: number): HttpBodyReply {
    const call = this.#calls.get(id);
    if (call === undefined || this.#closed)
      return { state: "error", name: HTTP_ERROR.failed, message: "The body was read or given up before" };
    const most = Math.max(1, Math.min(maxBytes, MAX_PIECE));
    if (call.blocking !== undefined && call.idle) this.#readBlocking(call, call.blocking);
    const piece = call.take(most);
    if (piece !== undefined) {
      this.#options.charge(READ_UNITS + piece.length * BYTE_UNITS);
      return { state: "bytes", bytes: piece };
    }
    if (call.failure !== undefined) {
      this.#calls.delete(id);
      return { state: "error", name: call.failure.name, message: call.failure.message };
    }
    if (call.ended) {
      this.#calls.delete(id);
      return { state: "end" };
    }
    call.waiting = true;
    return { state: "pending", id };
  }

  cancel(id: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    this.#settled = this.#settled.filter((settlement) => settlement.id !== id);
    call.cancel();
  }

  takeSettled(): readonly ToolSettlement[] {
    const settled = this.#settled;
    this.#settled = [];
    return settled;
  }

  async nextSettlement(): Promise<void> {
    if (this.#settled.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Ends the run's requests: connections are closed, what comes later is dropped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#settled = [];
    for (const call of this.#calls.values()) call.cancel();
    this.#calls.clear();
    this.#wake?.();
  }

  #refuse(end: ExchangeEnd): ToolReply {
    return end.kind === "refused"
      ? errorReply(end.name, end.message)
      : errorReply(HTTP_ERROR.failed, "The request came to nothing");
  }

  #failStart(call: HttpCall, message: string): ToolReply {
    this.#calls.delete(call.id);
    call.record.outcome = "error";
    return errorReply(HTTP_ERROR.failed, message);
  }

  /** From the queue to the end of the body. Never rejects. */
  async #drive(call: HttpCall, steps: Exchange, transport: HttpTransport): Promise<void> {
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
      this.#settle(call, errorReply(end.name, end.message));
      return false;
    }
    call.accept(end.sent);
    call.record.outcome = "response";
    call.record.status = head.status;
    this.#settle(call, { state: "value", json: headJson(this.#options.network.secrets, call.id, end, head) });
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
    this.#notify(call);
    return piece !== undefined && refused === undefined;
  }

  #fail(call: HttpCall, error: unknown): void {
    if (call.cancelled || this.#closed || call.failure !== undefined) return;
    call.record.outcome = "error";
    call.failure = describeFailure(error, call, this.#account);
    this.#notify(call);
  }

  #timeOut(call: HttpCall): void {
    if (call.cancelled || call.ended || call.failure !== undefined || this.#closed) return;
    call.record.outcome = "error";
    call.failure = describeFailure(new TransportError("timeout"), call, this.#account);
    call.abort();
    this.#notify(call);
  }

  /** Tells the guest, if it waits: for the head (then only a failure can be told), or for more of the body. */
  #notify(call: HttpCall): void {
    if (!call.headSent) {
      if (call.failure !== undefined) this.#settle(call, errorReply(call.failure.name, call.failure.message));
    } else if (call.waiting) {
      call.waiting = false;
      this.#settle(call, { state: "value", json: "null" });
    }
  }

  #settle(call: HttpCall, reply: ToolSettlement["reply"]): void {
    // A late completion must not touch an instance that was reset, closed or given to the next run.
    if (this.#closed || call.cancelled) return;
    call.headSent = true;
    if (reply.state === "error") this.#calls.delete(call.id);
    if (reply.state === "value") this.#options.charge(reply.json.length * BYTE_UNITS);
    this.#settled.push({ id: call.id, reply });
    this.#wake?.();
    this.#wake = undefined;
  }

  #startBlocking(call: HttpCall, steps: Exchange, { blocking }: HttpTransport): ToolReply {
    if (blocking === undefined) return this.#failStart(call, CANNOT_BLOCK);
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
          this.#failStart(call, "");
          return this.#refuse(next.value);
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
      this.#failStart(call, "");
      const { name, message } = describeFailure(error, call, this.#account);
      return errorReply(name, message);
    }
  }

  #readBlocking(call: HttpCall, response: BlockingResponse): void {
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

/** Where the numbers of requests begin: those of tools count from 0 and stay below. */
const FIRST_ID = 2 ** 32;
/** The most of a body that one read hands over. */
const MAX_PIECE = 65_536;
const MAX_RECORDS = 10_000;

/** Fuel for a request beside its bytes: the host parses, checks, connects; about a hundred microseconds. */
const REQUEST_UNITS = 1_000_000;
const READ_UNITS = 20_000;
/** Fuel for each byte that is parsed, copied and searched for secrets. */
const BYTE_UNITS = 4;
