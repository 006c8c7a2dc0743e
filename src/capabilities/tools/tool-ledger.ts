import type { DenialSink } from "../denials/denial-log.ts";
import { CallLog } from "./audit/call-log.ts";
import type { EndedOutcome, LogEntry } from "./audit/call-log.ts";
import type { ToolCallRecord } from "./audit/call-record.ts";
import { encodeResult } from "./json/encode-result.ts";
import { JSON_BOUNDS } from "./json/json-bounds.ts";
import { parseArguments } from "./json/parse-arguments.ts";
import type { StoredCall } from "./deferred-calls.ts";
import { CallBudget } from "./call-budget.ts";
import type { SpentCalls } from "./call-budget.ts";
import { CallContext } from "./call-context.ts";
import { OpenCall } from "./open-call.ts";
import { answerCall, isThenable, performCall } from "./tool-call.ts";
import { SettlementQueue } from "./settlement-queue.ts";
import type { ToolCalls, ToolReply, ToolSettlement } from "./tool-calls.ts";
import { CallFailure, chosenMessage, GUEST_ERROR, isCallFailure } from "./tool-error.ts";
import type { Tool } from "./tool.ts";

export interface ToolLedgerOptions {
  readonly tools: ReadonlyMap<string, Tool>;
  /** Calls that the run may make. */
  readonly maxCalls: number;
  /** False in `runSync`: a tool that returns a promise then fails with a message that says so. */
  readonly allowAsync: boolean;
  /** Charges host work in fuel units. Answers false if the run may not go on. */
  readonly charge: (units: number) => unknown;
  /** Fuel units that the run has used. */
  readonly fuelUsed: () => number;
  /** Milliseconds since the run began. */
  readonly now: () => number;
  readonly denials: DenialSink;
  /** Called with the record of each call when it has ended. */
  readonly onCall?: ((record: ToolCallRecord) => unknown) | undefined;
  /** Default: this is the first stretch. */
  readonly spent?: SpentCalls | undefined;
}

type EndedReply = Exclude<ToolReply, { readonly state: "pending" }>;

/** The tool calls of one run: starts them, keeps the pending ones, counts and records all. */
export class ToolLedger implements ToolCalls {
  readonly names: readonly string[];
  readonly #options: ToolLedgerOptions;
  readonly #log: CallLog;
  /** What its open calls see of it. */
  readonly #shared: { readonly budget: CallBudget; closed: boolean };
  readonly #pending = new Map<number, LogEntry>();
  readonly #settlements = new SettlementQueue();
  #started: number;
  #over: AbortController | undefined;
  readonly #settling: (() => void)[] = [];
  readonly #askSignal = (): AbortSignal => this.#signal();
  readonly #mayGoOn = (): boolean => this.#options.charge(LOOK_UNITS) !== false;

  constructor(options: ToolLedgerOptions) {
    this.#options = options;
    this.names = [...options.tools.keys()];
    this.#started = options.spent?.next ?? 0;
    this.#shared = { budget: new CallBudget(options.maxCalls, options.spent), closed: false };
    this.#log = new CallLog(options);
  }

  /** Calls that counted against the run's limit. */
  get count(): number {
    return this.#shared.budget.count;
  }

  get records(): readonly ToolCallRecord[] {
    return this.#log.records;
  }

  /** Calls that `records` leaves out. */
  get omitted(): number {
    return this.#log.omitted;
  }

  /** The budget of calls that refused one last; undefined if none has. */
  get exhausted(): number | undefined {
    return this.#shared.budget.exhausted;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** What the caller's own `onCall` or `redact` threw, once. */
  takeFailure(): { readonly error: unknown } | undefined {
    return this.#log.takeFailure();
  }

  call(name: string, argumentsJson: string): ToolReply {
    const { tools, charge } = this.#options;
    charge(CALL_UNITS + argumentsJson.length * UNITS_PER_CHARACTER);
    // A guest that talks after the end of its run gets no power.
    if (this.#shared.closed)
      return refused(new CallFailure("failed", `Cannot call tool "${clip(name)}": the run is over`));
    const tool = tools.get(name);
    const entry = this.#begin(name, argumentsJson, tool);
    try {
      this.#shared.budget.take(entry.tool, argumentsJson.length);
      if (tool === undefined)
        throw new CallFailure("unknown", `There is no tool "${entry.tool}"`, { rule: "no such tool" });
    } catch (error) {
      return this.#fail(entry, error);
    }
    return this.#perform(entry, tool, argumentsJson);
  }

  takeSettled(): readonly ToolSettlement[] {
    return this.#settlements.take();
  }

  nextSettlement(): Promise<void> {
    return this.#settlements.next();
  }

  /** Resolves when none of these calls is pending any more. */
  async settled(ids: readonly number[]): Promise<void> {
    while (ids.some((id) => this.#pending.has(id))) {
      await new Promise<void>((resolve) => {
        this.#settling.push(resolve);
      });
    }
  }

  /** Takes over a call of an earlier stretch of the run: `answer` is its result, a promise that rejects, or one that stays pending. */
  adopt({ id, tool: name, argumentsJson }: StoredCall, answer: unknown): void {
    const tool = this.#options.tools.get(name);
    const entry = this.#log.begin(id, clip(name), argumentsJson, tool?.redact, this.#options.fuelUsed());
    const outcome = async (): Promise<unknown> =>
      tool === undefined
        ? await answer
        : await answerCall(tool, answer, { context: new CallContext(name, id, this.#askSignal) });
    this.#await(entry, argumentsJson.length, outcome());
  }

  /** What later stretches of the run count on from. */
  get spent(): SpentCalls {
    return { next: this.#started, count: this.#shared.budget.count, paid: this.#shared.budget.paid };
  }

  /** Ends the ledger, but not its pending calls: they are adopted by that of the next stretch. */
  suspend(): void {
    this.#shared.closed = true;
    this.#settlements.clear();
    this.#pending.clear();
  }

  /** Ends the ledger: results that come later are dropped, and what was not approved yet is never called. */
  close(): void {
    if (this.#shared.closed) return;
    this.#shared.closed = true;
    this.#settlements.clear();
    for (const entry of this.#pending.values()) this.#log.end(entry, "abandoned", undefined, undefined);
    this.#pending.clear();
    this.#over?.abort(new Error("The run is over"));
    this.#settlements.wake();
  }

  #begin(name: string, argumentsJson: string, tool: Tool | undefined): LogEntry {
    // What is over the bound is refused unread; the log keeps its beginning.
    const { characters } = JSON_BOUNDS;
    const shown = argumentsJson.length > characters ? argumentsJson.slice(0, characters + 1) : argumentsJson;
    return this.#log.begin(this.#started++, clip(name), shown, tool?.redact, this.#options.fuelUsed());
  }

  #perform(entry: LogEntry, tool: Tool, argumentsJson: string): ToolReply {
    const name = entry.tool;
    let call: OpenCall | undefined;
    let outcome: unknown;
    try {
      const input = parseArguments(name, argumentsJson, this.#mayGoOn);
      entry.readable = true;
      call = new OpenCall(entry, tool, new CallContext(name, entry.id, this.#askSignal), this.#shared);
      outcome = performCall(tool, input, call);
      // Inside: what a tool returns may have a `then` that throws.
      if (!isThenable(outcome)) return this.#succeed(entry, outcome);
    } catch (error) {
      return this.#fail(entry, error);
    }
    if (!this.#options.allowAsync) {
      call.giveUp();
      // The promise goes on by itself; nobody listens, so its rejection must not become an unhandled one.
      Promise.resolve(outcome).catch(() => undefined);
      const message = `Tool "${name}" is asynchronous and this run is synchronous: use run() instead of runSync()`;
      return this.#fail(entry, new CallFailure("failed", message));
    }
    this.#await(entry, argumentsJson.length, outcome);
    return { state: "pending", id: entry.id };
  }

  #await(entry: LogEntry, length: number, outcome: unknown): void {
    this.#pending.set(entry.id, entry);
    this.#shared.budget.hold(length);
    Promise.resolve(outcome).then(
      (value) => this.#settle(entry, length, () => this.#succeed(entry, value)),
      (error: unknown) => this.#settle(entry, length, () => this.#fail(entry, error)),
    );
  }

  #signal(): AbortSignal {
    this.#over ??= new AbortController();
    if (this.#shared.closed) this.#over.abort(new Error("The run is over"));
    return this.#over.signal;
  }

  #succeed(entry: LogEntry, value: unknown): EndedReply {
    let json: string;
    try {
      json = encodeResult(entry.tool, value);
    } catch (error) {
      return this.#fail(entry, error);
    }
    this.#options.charge(json.length * UNITS_PER_CHARACTER);
    this.#log.end(entry, "ok", json, undefined);
    return { state: "value", json };
  }

  #fail(entry: LogEntry, error: unknown): EndedReply {
    const failure = isCallFailure(error) ? error : hostFailure(entry.tool, error);
    const { code, rule } = failure;
    if (rule !== undefined) this.#options.denials.note("tools.call", entry.tool, rule);
    const outcome: EndedOutcome = code === "failed" ? "error" : code;
    this.#log.end(entry, outcome, undefined, failure.hostError ?? failure.message);
    return refused(failure);
  }

  #settle(entry: LogEntry, characters: number, makeReply: () => EndedReply): void {
    // A late completion must not touch an instance that was reset, closed or given to the next run, nor charge that run.
    if (this.#shared.closed) return;
    this.#pending.delete(entry.id);
    this.#shared.budget.hold(-characters);
    this.#settlements.push({ id: entry.id, reply: makeReply() });
    for (const tell of this.#settling.splice(0)) tell();
  }
}

/** Fuel for one call: about what a small host call costs, a few microseconds at 30 to 100 ps a unit. */
const CALL_UNITS = 50_000;
/** Fuel for each character that is copied, parsed and checked: about a nanosecond. */
const UNITS_PER_CHARACTER = 16;
/** Fuel between two looks at the deadline while arguments are parsed. */
const LOOK_UNITS = 1_024 * UNITS_PER_CHARACTER;

/** Messages of the host's for the guest. */
const MAX_MESSAGE = 4_096;
function refused({ code, message }: CallFailure): EndedReply {
  return { state: "error", name: GUEST_ERROR[code], message: clip(message, MAX_MESSAGE) };
}

/** Only a ToolError was written for the guest's eyes; any other message may hold a host path or a secret. */
function hostFailure(name: string, hostError: unknown): CallFailure {
  return new CallFailure("failed", chosenMessage(hostError) ?? `Tool "${name}" failed`, { hostError });
}

function clip(text: string, length = 128): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
