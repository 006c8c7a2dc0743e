import { HTTP_ERROR } from "../../capabilities/network/http-calls.ts";
import type { HttpBodyReply } from "../../capabilities/network/http-calls.ts";
import { DeferredCalls } from "../../capabilities/tools/deferred-calls.ts";
import type { StoredCall } from "../../capabilities/tools/deferred-calls.ts";
import type { ToolReply, ToolSettlement } from "../../capabilities/tools/tool-calls.ts";
import type { HostLine, WorkerAnswer } from "../../hosts/worker-link.ts";
import type { RunCalls, RunCallsSettings, SpentPowers } from "../../sandbox/local/run-calls.ts";
import type { Question } from "../protocol.ts";

/** The tools and the network of a run whose host functions are on another thread. What they do is counted there; what it costs is paid here. */
export class RemoteCalls {
  readonly #line: HostLine;
  readonly #run: number;
  readonly #fuel: RunCallsSettings["fuel"];
  #settled: ToolSettlement[] = [];
  #closed = false;
  #deferred: DeferredCalls | undefined;
  #wake: (() => void) | undefined;

  constructor(line: HostLine, run: number, fuel: RunCallsSettings["fuel"]) {
    this.#line = line;
    this.#run = run;
    this.#fuel = fuel;
  }

  /** As a run uses them. `toolNames` in the order of the options. */
  open(toolNames: readonly string[], { suspend, earlier }: RunCallsSettings): RunCalls {
    const deferred = suspend === true ? new DeferredCalls() : undefined;
    this.#deferred = deferred;
    // The others have answers, which the host sends as settlements.
    for (const call of earlier?.calls ?? []) if (!earlier?.answers.has(call.id)) this.defer(call);
    return {
      suspension: deferred && {
        reached: (callIds) => deferred.reached(callIds),
        whenReached: (callIds) => deferred.whenReached(callIds),
        get calls() {
          return deferred.calls;
        },
        suspend: () => {
          this.#end();
          return NOTHING_SPENT;
        },
      },
      tools: { names: toolNames, call: (name, json, blocking) => this.#callTool(name, json, blocking === true) },
      http: {
        start: (json, body, blocking) => this.#startRequest(json, body, blocking),
        read: (id, maxBytes) => this.#readBody(id, maxBytes),
        cancel: (id) => this.#cancel(id),
      },
      pending: {
        takeSettled: () => this.#settled.splice(0),
        nextSettlement: async () => {
          if (this.#settled.length > 0) return;
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        },
      },
      close: () => this.#end(),
      report: () => NOTHING_HERE,
      takeFailure: () => undefined,
    };
  }

  /** Takes what the host says has ended. */
  settle(settlements: readonly ToolSettlement[], units: number): void {
    if (this.#closed) return;
    this.#fuel.charge(units);
    this.#settled.push(...settlements);
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Takes what the host says waits for the caller of the run. */
  defer(call: StoredCall): void {
    // Never resolves: its answer comes to another stretch of the run.
    void this.#deferred?.defer(call);
  }

  #end(): void {
    this.#closed = true;
    this.#settled = [];
    this.#wake?.();
  }

  /** Up to `into.length` bytes of the run's standard input. */
  readInput(into: Uint8Array): number {
    const bytes = this.#ask({ power: "input", run: this.#run, maxBytes: into.length })?.bytes ?? new Uint8Array(0);
    const part = bytes.subarray(0, into.length);
    into.set(part);
    return part.length;
  }

  #callTool(name: string, json: string, blocking: boolean): ToolReply {
    const answer = this.#ask({ power: "tool", run: this.#run, name, json, blocking, fuelUsed: this.#fuel.used });
    return answer === undefined ? STOPPED : (answer.reply as ToolReply);
  }

  #startRequest(json: string, body: Uint8Array, blocking: boolean): ToolReply {
    const answer = this.#ask({
      power: "http-start",
      run: this.#run,
      json,
      body: Uint8Array.from(body),
      blocking,
      remainingMs: this.#fuel.remainingMs(),
    });
    return answer === undefined ? STOPPED : (answer.reply as ToolReply);
  }

  #readBody(request: number, maxBytes: number): HttpBodyReply {
    const answer = this.#ask({ power: "http-read", run: this.#run, request, maxBytes });
    if (answer === undefined) return { state: "error", name: HTTP_ERROR.failed, message: STOPPED.message };
    const { reply, bytes } = answer;
    return bytes === undefined ? (reply as HttpBodyReply) : { state: "bytes", bytes };
  }

  #cancel(request: number): void {
    this.#settled = this.#settled.filter(({ id }) => id !== request);
    this.#line.post({ kind: "cancel", run: this.#run, request });
  }

  #ask(question: Question): WorkerAnswer | undefined {
    if (this.#closed) return undefined;
    const answer = this.#line.ask?.(question, this.#fuel.remainingMs(), this.#run);
    // Looks at the deadline too, behind the sleep.
    if (answer !== undefined) this.#fuel.charge(answer.units);
    return answer;
  }
}

const STOPPED = { state: "error", name: "ToolError", message: "The host did not answer: the run is over" } as const;

/** The host counts, and says so when a snapshot is taken. */
const NOTHING_SPENT: SpentPowers = {
  tools: { next: 0, count: 0, paid: [] },
  network: { started: 0, requests: 0, bytesUp: 0, bytesDown: 0 },
};

const NOTHING_HERE = {
  calls: [],
  omittedCalls: 0,
  exhausted: { tools: undefined, network: undefined },
  requests: [],
  denials: [],
  usage: { toolCalls: 0, requests: 0, networkBytes: 0 },
} as const;
