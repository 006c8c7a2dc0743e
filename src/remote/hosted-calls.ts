import type { HttpBodyReply } from "../capabilities/network/http-calls.ts";
import type { InputSource } from "../capabilities/environment.ts";
import type { AwaitedInput } from "../capabilities/environment/live-input.ts";
import type { StoredCall } from "../capabilities/tools/deferred-calls.ts";
import type { ToolReply, ToolSettlement } from "../capabilities/tools/tool-calls.ts";
import type { WorkerAnswer, WorkerLink } from "../hosts/worker-link.ts";
import type { CallsReport, RunCalls, RunCallsSettings, SpentPowers } from "../sandbox/local/run-calls.ts";
import type { HostMessage, Question } from "./protocol.ts";

export interface HostedCallsOptions {
  readonly run: number;
  readonly open: (settings: Required<Pick<RunCallsSettings, "fuel" | "onDeferred">>) => RunCalls;
  readonly link: Pick<WorkerLink, "answer" | "post">;
  /** Standard input, if it is read from here. */
  readonly input: InputSource | AwaitedInput | undefined;
}

/** The calls of a suspended run. */
export interface SuspendedCalls {
  readonly calls: readonly StoredCall[];
  readonly powers: SpentPowers;
  readonly report: CallsReport;
}

/** The host's part of a remote run: answers what the guest's thread asks and tells it what has ended. */
export class HostedCalls {
  readonly #options: HostedCallsOptions;
  readonly #calls: RunCalls;
  /** Host work that the guest has yet to pay for, in fuel units. */
  #units = 0;
  #remainingMs = Number.POSITIVE_INFINITY;
  /** What the guest had used when it asked last. */
  #fuelUsed = 0;
  /** Tool calls and requests whose guest sleeps until they have ended, by number. */
  readonly #sleepers = new Map<number, (reply: ToolSettlement["reply"]) => void>();
  /** Requests that were started by a guest that sleeps. */
  readonly #blocking = new Set<number>();
  #forwarding = false;
  #closed = false;

  constructor(options: HostedCallsOptions) {
    this.#options = options;
    const { run, link } = options;
    this.#calls = options.open({
      fuel: this.#fuel(),
      onDeferred: (call) => link.post({ kind: "deferred", run, call } satisfies HostMessage),
    });
  }

  /** To be called when the guest's side knows of the stretch: passes on what has ended before it asked for anything. */
  begin(): void {
    this.#forward();
  }

  /** Answers one question; one of another run is refused. */
  async answer(ticket: number, question: Question): Promise<void> {
    const reply = await this.#reply(question);
    const units = this.#units;
    this.#units = 0;
    this.#options.link.answer(ticket, { ...reply, units });
    this.#forward();
  }

  cancel(request: number): void {
    this.#calls.http.cancel(request);
  }

  /** Ends the stretch of a run whose guest waits for its caller. Undefined: it waits for nothing of the kind. */
  suspend(): SuspendedCalls | undefined {
    const { suspension } = this.#calls;
    if (suspension === undefined || suspension.calls.length === 0) return undefined;
    this.#closed = true;
    const { calls } = suspension;
    const report = this.#calls.report();
    return { calls, report, powers: suspension.suspend() };
  }

  close(): CallsReport {
    this.#closed = true;
    this.#calls.close();
    return this.#calls.report();
  }

  /** What the caller's own callback threw, once. */
  takeFailure(): { readonly error: unknown } | undefined {
    return this.#calls.takeFailure();
  }

  /** The guest's gauge as far as it is known here. */
  #fuel(): RunCallsSettings["fuel"] {
    const used = (): number => this.#fuelUsed + this.#units;
    return {
      charge: (units) => {
        this.#units += units;
        return true;
      },
      remainingMs: () => this.#remainingMs,
      get used() {
        return used();
      },
    };
  }

  async #reply(question: Question): Promise<Omit<WorkerAnswer, "units">> {
    if (this.#closed || question.run !== this.#options.run) return { reply: NO_RUN };
    switch (question.power) {
      case "tool":
        return { reply: await this.#call(question) };
      case "http-start":
        return { reply: await this.#start(question) };
      case "http-read":
        return bodyAnswer(await this.#read(question.request, question.maxBytes));
      case "input":
        return { reply: null, bytes: await this.#input(question.maxBytes) };
    }
  }

  async #call({ name, json, blocking, fuelUsed }: Extract<Question, { readonly power: "tool" }>): Promise<ToolReply> {
    this.#fuelUsed = fuelUsed;
    const reply = this.#calls.tools.call(name, json);
    // What the caller of the run answers comes when its guest has been left.
    if (!blocking || reply.state !== "pending" || this.#calls.suspension !== undefined) return reply;
    return await this.#wait(reply.id);
  }

  async #start(question: Extract<Question, { readonly power: "http-start" }>): Promise<ToolReply> {
    const { json, body, blocking, remainingMs } = question;
    this.#remainingMs = remainingMs;
    // The thread that asks sleeps; this one must not.
    const reply = this.#calls.http.start(json, body, false);
    if (!blocking || reply.state !== "pending") return reply;
    this.#blocking.add(reply.id);
    return await this.#wait(reply.id);
  }

  async #read(request: number, maxBytes: number): Promise<HttpBodyReply> {
    for (;;) {
      const reply = this.#calls.http.read(request, maxBytes);
      if (reply.state !== "pending" || !this.#blocking.has(request)) return reply;
      const ended = await this.#wait(request);
      if (ended.state === "error") return ended;
    }
  }

  async #wait(id: number): Promise<ToolSettlement["reply"]> {
    return await new Promise((resolve) => {
      this.#sleepers.set(id, resolve);
      this.#forward();
    });
  }

  async #input(maxBytes: number): Promise<Uint8Array> {
    const { input } = this.#options;
    if (input === undefined || !(maxBytes > 0)) return new Uint8Array(0);
    if ("next" in input) return await input.next(Math.min(maxBytes, MAX_INPUT_PIECE));
    const bytes = new Uint8Array(Math.min(maxBytes, MAX_INPUT_PIECE));
    const count = input.read(bytes);
    return Number.isInteger(count) && count > 0 ? bytes.subarray(0, Math.min(count, bytes.length)) : new Uint8Array(0);
  }

  /** Passes on what ends, as long as the run goes on. Only one waiter at a time. */
  #forward(): void {
    if (this.#forwarding || this.#closed) return;
    this.#forwarding = true;
    void this.#forwardAll();
  }

  async #forwardAll(): Promise<void> {
    for (;;) {
      await this.#calls.pending.nextSettlement();
      if (this.#closed) return;
      const others = this.#calls.pending.takeSettled().filter(({ id, reply }) => !this.#wakeSleeper(id, reply));
      if (others.length === 0) continue;
      const units = this.#units;
      this.#units = 0;
      const message: HostMessage = { kind: "settled", run: this.#options.run, settlements: others, units };
      this.#options.link.post(message);
    }
  }

  #wakeSleeper(id: number, reply: ToolSettlement["reply"]): boolean {
    const wake = this.#sleepers.get(id);
    this.#sleepers.delete(id);
    wake?.(reply);
    return wake !== undefined;
  }
}

const NO_RUN = { state: "error", name: "ToolError", message: "No run is in progress" } as const;

/** What one question for input gets at most. */
const MAX_INPUT_PIECE = 2 ** 20;

function bodyAnswer(reply: HttpBodyReply): Omit<WorkerAnswer, "units"> {
  return reply.state === "bytes" ? { reply: null, bytes: reply.bytes } : { reply };
}
