import { REDACTED } from "./redact.ts";
import type { Redaction } from "./redact.ts";
import type { ToolCallOutcome, ToolCallRecord } from "./call-record.ts";
import { parseData } from "../json/take-prototypes.ts";
import { recordText, shownData } from "./recorded-data.ts";
import type { RecordedText } from "./recorded-data.ts";

/** How a call can have ended. */
export type EndedOutcome = Exclude<ToolCallOutcome, "pending">;

/** A call in the log, from its start on. */
export interface LogEntry {
  readonly id: number;
  readonly tool: string;
  readonly redact: Redaction | undefined;
  readonly startedMs: number;
  readonly fuel: number;
  approvedBy: string | undefined;
  /** Whether the arguments were parsed: they are JSON, within the bounds. */
  readable: boolean;
  /** The guest's own text until it is recorded. */
  argumentsJson: string;
  /** "pending" until the call has ended. */
  outcome: ToolCallOutcome;
  /** JSON text of the result, until it is recorded. */
  resultJson: string | undefined;
  error: unknown;
  endedMs: number;
  recorded: { readonly arguments: RecordedText; readonly result: RecordedText | undefined } | undefined;
}

export interface CallLogOptions {
  /** Milliseconds since the run began. */
  readonly now: () => number;
  readonly onCall?: ((record: ToolCallRecord) => unknown) | undefined;
}

/** Calls that are listed; later ones are only counted (and told to `onCall`). */
const MAX_ENTRIES = 10_000;
/** Characters of arguments and results that are kept in all. */
const MAX_TEXT = 8 * 2 ** 20;
const LEFT_OUT: RecordedText = { text: "…", isJson: false, truncated: true };

/** The audit log of one run: bounded, so that a guest that calls a million times does not fill the host's memory. */
export class CallLog {
  readonly #options: CallLogOptions;
  readonly #entries: LogEntry[] = [];
  #characters = 0;
  #omitted = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: CallLogOptions) {
    this.#options = options;
  }

  /** Calls that are not listed. */
  get omitted(): number {
    return this.#omitted;
  }

  get records(): readonly ToolCallRecord[] {
    return this.#entries.map((entry) => this.#show(entry));
  }

  begin(id: number, tool: string, argumentsJson: string, redact: Redaction | undefined, fuel: number): LogEntry {
    const entry: LogEntry = {
      id,
      tool,
      redact,
      startedMs: this.#options.now(),
      fuel,
      approvedBy: undefined,
      readable: false,
      argumentsJson,
      outcome: "pending",
      resultJson: undefined,
      error: undefined,
      endedMs: 0,
      recorded: undefined,
    };
    if (this.#entries.length < MAX_ENTRIES) this.#entries.push(entry);
    else this.#omitted++;
    return entry;
  }

  /** `json` is the text of the result, if there is one. */
  end(entry: LogEntry, outcome: EndedOutcome, json: string | undefined, error: unknown): void {
    entry.outcome = outcome;
    entry.resultJson = json;
    entry.error = error;
    entry.endedMs = this.#options.now();
    this.#keepWithinBounds(entry);
    const { onCall } = this.#options;
    if (onCall === undefined || this.#failure !== undefined) return;
    try {
      const told = onCall(this.#show(entry));
      // A rejected promise that nobody handles would end a Node process.
      if (told instanceof Promise) told.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      // Into the guest it must not go: the host's error is no business of the guest's.
      this.#fail(error);
    }
  }

  /** What `onCall` or a `redact` threw, once: a host mistake, for the end of the run. */
  takeFailure(): { readonly error: unknown } | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Short texts stay as they are until somebody asks; what is long, or to be redacted, is recorded and let go. */
  #keepWithinBounds(entry: LogEntry): void {
    const { argumentsJson, resultJson } = entry;
    const length = argumentsJson.length + (resultJson === undefined ? 0 : resultJson.length);
    this.#characters += Math.min(length, KEPT_AT_MOST);
    if (this.#characters > MAX_TEXT) {
      this.#settle(entry, { arguments: LEFT_OUT, result: resultJson === undefined ? undefined : LEFT_OUT });
    } else if (length > MAX_UNREAD || entry.redact !== undefined) this.#record(entry);
  }

  #record(entry: LogEntry): NonNullable<LogEntry["recorded"]> {
    if (entry.recorded !== undefined) return entry.recorded;
    const json = entry.resultJson;
    try {
      return this.#settle(entry, {
        arguments: recordText(entry.argumentsJson, entry.redact, "arguments", entry.readable),
        result: json === undefined ? undefined : recordText(json, entry.redact, "result", true),
      });
    } catch (error) {
      this.#fail(error);
      const hidden: RecordedText = { text: REDACTED, isJson: false, truncated: false };
      return this.#settle(entry, { arguments: hidden, result: json === undefined ? undefined : hidden });
    }
  }

  #settle(entry: LogEntry, recorded: NonNullable<LogEntry["recorded"]>): NonNullable<LogEntry["recorded"]> {
    if (entry.outcome === "pending") return recorded;
    entry.recorded = recorded;
    entry.argumentsJson = "";
    entry.resultJson = undefined;
    return recorded;
  }

  #show(entry: LogEntry): ToolCallRecord {
    return showShort(entry) ?? this.#showRecorded(entry);
  }

  #showRecorded(entry: LogEntry): ToolCallRecord {
    const { arguments: sent, result } = this.#record(entry);
    const { outcome, error } = entry;
    const truncated = sent.truncated || result?.truncated === true;
    const endedMs = outcome === "pending" ? this.#options.now() : entry.endedMs;
    return {
      id: entry.id,
      tool: entry.tool,
      arguments: shownData(sent),
      outcome,
      ...(result === undefined ? {} : { result: shownData(result) }),
      ...(error === undefined ? {} : { error }),
      ...(entry.approvedBy === undefined ? {} : { approvedBy: entry.approvedBy }),
      startedMs: entry.startedMs,
      durationMs: endedMs - entry.startedMs,
      fuel: entry.fuel,
      ...(truncated ? { truncated } : {}),
    };
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }
}

/** The record of a call as most are: it went well, and its texts are short and stand as they came. Building it up from parts takes twice as long. */
function showShort(entry: LogEntry): ToolCallRecord | undefined {
  const { id, tool, argumentsJson, outcome, resultJson, startedMs, fuel } = entry;
  if (outcome !== "ok" || resultJson === undefined || entry.approvedBy !== undefined) return undefined;
  return {
    id,
    tool,
    arguments: parseData(argumentsJson),
    outcome,
    result: parseData(resultJson),
    startedMs,
    durationMs: entry.endedMs - startedMs,
    fuel,
  };
}

/** What a call counts for at most: arguments and result, whole. */
const KEPT_AT_MOST = 2 * 16_384;
/** Texts up to this length are kept unread. */
const MAX_UNREAD = 2_048;
