import { jsonDepthExceeds } from "./json-depth.ts";
import { ToolError } from "./tool.ts";
import type { SchemaResult, Tool } from "./tool.ts";
import type { ToolCalls, ToolReply, ToolSettlement } from "./tool-calls.ts";

/** One tool call as the caller of `run` sees it. */
export interface ToolCallRecord {
  readonly tool: string;
  readonly outcome: "value" | "error" | "pending";
  /** What `run` of the tool threw, or why the call was refused. Host-side only. */
  readonly error?: unknown;
}

/** Arguments and results longer than this many characters of JSON are refused. */
export const MAX_TOOL_JSON = 1_048_576;

/** Arguments nested deeper than this are refused before they are parsed. */
export const MAX_TOOL_DEPTH = 100;

export interface ToolLedgerOptions {
  readonly tools: ReadonlyMap<string, Tool>;
  /** Calls that the run may make. */
  readonly maxCalls: number;
  /** False in `runSync`: a tool that returns a promise then fails with a message that says so. */
  readonly allowAsync: boolean;
  /** Charges host work in fuel units. Answers false if the run may not go on. */
  readonly charge: (units: number) => unknown;
}

type EndedReply = Exclude<ToolReply, { readonly state: "pending" }>;

/** The tool calls of one run: starts them, keeps the pending ones, counts and records all. */
export class ToolLedger implements ToolCalls {
  readonly names: readonly string[];
  readonly #options: ToolLedgerOptions;
  readonly #records: { tool: string; outcome: "value" | "error" | "pending"; error?: unknown }[] = [];
  readonly #settled: ToolSettlement[] = [];
  #pending = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: ToolLedgerOptions) {
    this.#options = options;
    this.names = [...options.tools.keys()];
  }

  get count(): number {
    return this.#records.length;
  }

  get records(): readonly ToolCallRecord[] {
    return this.#records.map((record) => ({ ...record }));
  }

  get pending(): number {
    return this.#pending;
  }

  call(name: string, argumentsJson: string): ToolReply {
    // A guest that talks after the end of its run gets no power.
    if (this.#closed) return refused(`Cannot call tool "${clip(name)}": the run is over`);
    const { tools, maxCalls, charge } = this.#options;
    if (this.#records.length >= maxCalls)
      return refused(`Cannot call tool "${clip(name)}": the limit of ${maxCalls} tool calls is reached`);
    charge(CALL_UNITS + argumentsJson.length * UNITS_PER_CHARACTER);
    const id = this.#records.push({ tool: clip(name), outcome: "pending" }) - 1;
    const tool = tools.get(name);
    if (tool === undefined) return this.#end(id, refused(`There is no tool "${clip(name)}"`));
    const parsed = parseArguments(name, argumentsJson, () => charge(STEPS_PER_LOOK * UNITS_PER_CHARACTER) !== false);
    if ("state" in parsed) return this.#end(id, parsed);
    let result: unknown;
    let isPromise: boolean;
    try {
      result = invoke(tool, parsed.value);
      // Inside: what a tool returns may have a `then` that throws.
      isPromise = isThenable(result);
    } catch (error) {
      return this.#end(id, failed(name, error), error);
    }
    if (!isPromise) return this.#end(id, this.#encode(name, result));
    if (!this.#options.allowAsync) {
      // The promise goes on by itself; nobody listens, so its rejection must not become an unhandled one.
      Promise.resolve(result).catch(() => undefined);
      return this.#end(
        id,
        refused(`Tool "${name}" is asynchronous and this run is synchronous: use run() instead of runSync()`),
      );
    }
    this.#pending++;
    Promise.resolve(result).then(
      (value) => this.#settle(id, () => this.#encode(name, value)),
      (error: unknown) => this.#settle(id, () => failed(name, error), error),
    );
    return { state: "pending", id };
  }

  /** Takes the calls that ended since the last time. */
  takeSettled(): readonly ToolSettlement[] {
    return this.#settled.splice(0);
  }

  /** Resolves when a pending call has ended (at once if one has). Only one waiter at a time. */
  async nextSettlement(): Promise<void> {
    if (this.#settled.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Ends the ledger: results that come later are dropped. */
  close(): void {
    this.#closed = true;
    this.#settled.length = 0;
    this.#wake?.();
  }

  #encode(name: string, value: unknown): EndedReply {
    let json: string | undefined;
    try {
      json = JSON.stringify(value);
    } catch (error) {
      return refused(
        `Tool "${name}" returned a value that is not JSON: ${error instanceof TypeError ? "it holds a cycle or a bigint" : "it cannot be read"}`,
      );
    }
    json ??= "null";
    if (json.length > MAX_TOOL_JSON)
      return refused(
        `Tool "${name}" returned ${json.length} characters of JSON, above the ${MAX_TOOL_JSON} that a guest may receive`,
      );
    this.#options.charge(json.length * UNITS_PER_CHARACTER);
    return { state: "value", json };
  }

  #end(id: number, reply: EndedReply, error?: unknown): EndedReply {
    const record = this.#records[id];
    if (record !== undefined) {
      record.outcome = reply.state;
      if (reply.state === "error") record.error = error ?? reply.message;
    }
    return reply;
  }

  #settle(id: number, makeReply: () => EndedReply, error?: unknown): void {
    this.#pending--;
    // A late completion must not touch an instance that was reset, closed or given to the next run, nor charge that run.
    if (this.#closed) return;
    this.#settled.push({ id, reply: this.#end(id, makeReply(), error) });
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** Fuel for one call: about what a small host call costs, a few microseconds at 30 to 100 ps a unit. */
const CALL_UNITS = 50_000;
/** Fuel for each character that is copied, parsed and checked: about a nanosecond. */
const UNITS_PER_CHARACTER = 16;

function invoke(tool: Tool, input: unknown): unknown {
  if (tool.input === undefined) return tool.run(input);
  const checked = tool.input["~standard"].validate(input);
  return isThenable(checked) ? checked.then((result) => runChecked(tool, result)) : runChecked(tool, checked);
}

function runChecked(tool: Tool, checked: SchemaResult<unknown>): unknown {
  if (checked.issues === undefined) return tool.run(checked.value);
  const [issue] = checked.issues;
  const where = (issue?.path ?? []).map(segmentText).join(".");
  throw new ToolError(
    `Invalid arguments${where === "" ? "" : ` at "${clip(where)}"`}: ${issue?.message ?? "the schema refused them"}`,
  );
}

/** A path segment is a key or, as Standard Schema allows, an object that holds it. */
function segmentText(segment: unknown): string {
  return String(typeof segment === "object" && segment !== null && "key" in segment ? segment.key : segment);
}

function parseArguments(name: string, json: string, mayGoOn: () => boolean): { readonly value: unknown } | EndedReply {
  if (json.length > MAX_TOOL_JSON)
    return refused(
      `The arguments of tool "${name}" are ${json.length} characters of JSON, above the ${MAX_TOOL_JSON} allowed`,
    );
  if (jsonDepthExceeds(json, MAX_TOOL_DEPTH))
    return refused(`The arguments of tool "${name}" nest deeper than ${MAX_TOOL_DEPTH} levels`);
  try {
    const value = JSON.parse(json) as unknown;
    return takePrototypes(value, mayGoOn) ? { value } : refused(`The run ended before tool "${clip(name)}" was called`);
  } catch {
    return refused(`The arguments of tool "${name}" are not JSON`);
  }
}

/** Steps of the walk below between two looks at the deadline: some tens of microseconds. */
const STEPS_PER_LOOK = 1_024;

/**
 * Takes every object's prototype away, so that a key such as "constructor" or "__proto__" is only a key. Not by a reviver,
 * which costs 200 ms for a mebibyte of zeros; false if it may not go on.
 */
function takePrototypes(root: unknown, mayGoOn: () => boolean): boolean {
  const pending: unknown[] = [root];
  let steps = 0;
  while (pending.length > 0) {
    const next = pending.pop();
    steps += 1;
    if (steps % STEPS_PER_LOOK === 0 && !mayGoOn()) return false;
    if (typeof next !== "object" || next === null) continue;
    if (!Array.isArray(next)) Object.setPrototypeOf(next, null);
    for (const value of Object.values(next)) pending.push(value);
  }
  return true;
}

function refused(message: string): EndedReply {
  return { state: "error", name: "ToolError", message };
}

function failed(name: string, error: unknown): EndedReply {
  // Only a ToolError was written for the guest's eyes; any other message may hold a host path or a secret.
  return refused(error instanceof ToolError ? clip(error.message, 4_096) : `Tool "${name}" failed`);
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function clip(text: string, length = 128): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
