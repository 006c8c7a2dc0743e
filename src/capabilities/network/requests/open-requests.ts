import type { ToolReply, ToolSettlement } from "../../tools/tool-calls.ts";
import { HTTP_ERROR } from "../http-calls.ts";
import type { HttpCall } from "./http-call.ts";
import { errorReply } from "./http-replies.ts";
import { BYTE_UNITS } from "./request-costs.ts";

/** The requests of a run that the guest may still ask about, and what it is to be told of them. */
export class OpenRequests {
  readonly #charge: (units: number) => unknown;
  readonly #calls = new Map<number, HttpCall>();
  #settled: ToolSettlement[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(charge: (units: number) => unknown) {
    this.#charge = charge;
  }

  /** The run is over. */
  get closed(): boolean {
    return this.#closed;
  }

  add(call: HttpCall): void {
    this.#calls.set(call.id, call);
  }

  find(id: number): HttpCall | undefined {
    return this.#calls.get(id);
  }

  forget(id: number): void {
    this.#calls.delete(id);
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

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#settled = [];
    for (const call of this.#calls.values()) call.cancel();
    this.#calls.clear();
    this.#wake?.();
  }

  failStart(call: HttpCall, message: string): ToolReply {
    this.#calls.delete(call.id);
    call.record.outcome = "error";
    return errorReply(HTTP_ERROR.failed, message);
  }

  /** Tells the guest, if it waits: for the head (then only a failure can be told), or for more of the body. */
  notify(call: HttpCall): void {
    if (!call.headSent) {
      if (call.failure !== undefined) this.settle(call, errorReply(call.failure.name, call.failure.message));
    } else if (call.waiting) {
      call.waiting = false;
      this.settle(call, { state: "value", json: "null" });
    }
  }

  settle(call: HttpCall, reply: ToolSettlement["reply"]): void {
    // A late completion must not touch an instance that was reset, closed or given to the next run.
    if (this.#closed || call.cancelled) return;
    call.headSent = true;
    if (reply.state === "error") this.#calls.delete(call.id);
    if (reply.state === "value") this.#charge(reply.json.length * BYTE_UNITS);
    this.#settled.push({ id: call.id, reply });
    this.#wake?.();
    this.#wake = undefined;
  }
}
