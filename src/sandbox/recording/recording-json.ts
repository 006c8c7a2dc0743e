import type { FileSystemTraits } from "../../capabilities/recording/files-tape.ts";
import type { FileCosts } from "../../capabilities/files/file-system.ts";
import type { GuestKind } from "../../guests/guest.ts";
import { LANGUAGES } from "../../guests/language-facts.ts";
import type { Limits } from "../limits.ts";
import type { CallsReport } from "../local/run-calls.ts";
import { callFromJson, callToJson } from "./call-json.ts";
import { invalid } from "./recording-file.ts";
import type { RecordedStop, RecordingHead, RunHead, RunTail } from "./recording.ts";

/** JSON has no infinity, which a limit may be, and of an error only the message goes into a recording. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, field: unknown) => {
    if (field === Number.POSITIVE_INFINITY) return INFINITE;
    if (field instanceof Error) return field.message;
    return typeof field === "bigint" || typeof field === "symbol" ? String(field) : field;
  });
}

const INFINITE = "Infinity";

export function encodeHead(head: RecordingHead): string {
  return toJson(head);
}

/** @throws TypeError if the run is a call with arguments that are no data */
export function encodeRunHead({ call, ...head }: RunHead): string {
  return toJson(call === undefined ? head : { ...head, call: callToJson(call) });
}

export function encodeRunTail(tail: RunTail): string {
  try {
    return toJson(tail);
  } catch {
    // What a tool threw may be anything, such as an object that holds itself.
    return toJson({ ...tail, calls: { ...tail.calls, calls: [], omittedCalls: tail.calls.calls.length } });
  }
}

/** @throws WardianError "invalid-recording" for anything that {@link encodeHead} does not write */
export function decodeHead(json: string): RecordingHead {
  const head = objectOf(parse(json), "its head");
  const clock = objectOf(head["clock"], "its clock");
  return {
    engine: text(head["engine"], "engine"),
    language: oneOf(head["language"], GUESTS, "language"),
    limits: limitsOf(head["limits"]),
    env: pairs(head["env"], "env", text),
    args: listOf(head["args"], "args", text),
    tools: listOf(head["tools"], "tools", text),
    network: head["network"] === true,
    mounts: pairs(head["mounts"], "mounts", traitsOf),
    createdMs: amount(head["createdMs"], "createdMs"),
    clock: {
      kind: oneOf(clock["kind"], CLOCKS, "clock.kind"),
      resolutionMs: amount(clock["resolutionMs"], "clock.resolutionMs"),
    },
    random: oneOf(head["random"], RANDOMS, "random"),
  };
}

const GUESTS: readonly GuestKind[] = [...LANGUAGES, "command", "reactor", "component"];
const CLOCKS = ["real", "frozen", "fixed", "virtual", "custom"] as const;
const RANDOMS = ["secure", "seeded", "custom"] as const;

/** @throws WardianError "invalid-recording" for anything that {@link encodeRunHead} does not write */
export function decodeRunHead(json: string): RunHead {
  const head = objectOf(parse(json), "a run");
  return {
    source: text(head["source"], "source"),
    call: head["call"] === undefined ? undefined : callFromJson(head["call"]),
    filename: text(head["filename"], "filename"),
    args: listOf(head["args"], "args", text),
    modules: pairs(head["modules"], "modules", text),
    softMs: optional(head["softMs"], "softMs"),
    limits: limitsOf(head["limits"]),
  };
}

/** @throws WardianError "invalid-recording" for anything that {@link encodeRunTail} does not write */
export function decodeRunTail(json: string): RunTail {
  const tail = objectOf(parse(json), "the end of a run");
  return {
    stop: tail["stop"] === undefined ? undefined : stopOf(tail["stop"]),
    softUsed: optional(tail["softUsed"], "softUsed"),
    work: listOf(tail["work"], "work", amount),
    fuel: amount(tail["fuel"], "fuel"),
    digest: text(tail["digest"], "digest"),
    calls: callsOf(tail["calls"]),
  };
}

function stopOf(value: unknown): RecordedStop {
  const stop = objectOf(value, "a stop");
  const why =
    oneOf(stop["kind"], ["time", "abort"] as const, "stop.kind") === "time"
      ? ({ kind: "time", allowedMs: amount(stop["allowedMs"], "stop.allowedMs") } as const)
      : ({ kind: "abort", reason: text(stop["reason"], "stop.reason") } as const);
  const at = oneOf(stop["at"], ["look", "check", "wait", "before", "after"] as const, "stop.at");
  return at === "look" ? { ...why, at, used: amount(stop["used"], "stop.used") } : { ...why, at };
}

/** What was called is for the reader only: a replay does nothing with it but give it back. */
function callsOf(value: unknown): CallsReport {
  const calls = objectOf(value, "its calls");
  const usage = objectOf(calls["usage"], "its usage");
  const exhausted = objectOf(calls["exhausted"], "its budgets");
  return {
    calls: listOf(calls["calls"], "calls", objectOf) as unknown as CallsReport["calls"],
    omittedCalls: amount(calls["omittedCalls"], "omittedCalls"),
    requests: listOf(calls["requests"], "requests", objectOf) as unknown as CallsReport["requests"],
    denials: listOf(calls["denials"], "denials", objectOf) as unknown as CallsReport["denials"],
    exhausted: {
      tools: optional(exhausted["tools"], "exhausted.tools"),
      network: optional(exhausted["network"], "exhausted.network"),
    },
    usage: {
      toolCalls: amount(usage["toolCalls"], "usage.toolCalls"),
      requests: amount(usage["requests"], "usage.requests"),
      networkBytes: amount(usage["networkBytes"], "usage.networkBytes"),
    },
  };
}

/** Numbers only: whether they are limits is for `resolveLimits` to say. */
function limitsOf(value: unknown): Limits {
  const limits = objectOf(value, "its limits");
  const checked: Record<string, number> = {};
  for (const [name, limit] of Object.entries(limits)) checked[name] = amount(limit, `limits.${name}`);
  return checked as unknown as Limits;
}

function traitsOf(value: unknown): FileSystemTraits {
  const traits = objectOf(value, "a mount");
  const costs = objectOf(traits["costs"], "the costs of a mount");
  const cost = (name: keyof FileCosts): number => amount(costs[name], `costs.${name}`);
  return {
    kind: text(traits["kind"], "kind"),
    writable: traits["writable"] === true,
    costs: {
      operationUnits: cost("operationUnits"),
      changeUnits: cost("changeUnits"),
      entryUnits: cost("entryUnits"),
      handleUnits: cost("handleUnits"),
      byteUnits: cost("byteUnits"),
    },
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw invalid("a part of it is not JSON");
  }
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(`${what} is no object`);
  // Without a prototype a missing field is missing, whatever its name.
  return Object.setPrototypeOf(value, null) as Fields;
}

function listOf<T>(value: unknown, what: string, parse: (item: unknown, what: string) => T): readonly T[] {
  if (!Array.isArray(value)) throw invalid(`"${what}" is no list`);
  return value.map((item: unknown) => parse(item, what));
}

function pairs<T>(
  value: unknown,
  what: string,
  parse: (item: unknown, what: string) => T,
): readonly (readonly [string, T])[] {
  return listOf(value, what, (pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid(`"${what}" has an entry that is no pair`);
    return [text(pair[0], what), parse(pair[1], what)] as const;
  });
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw invalid(`"${what}" is no text`);
  return value;
}

function amount(value: unknown, what: string): number {
  if (value === INFINITE) return Number.POSITIVE_INFINITY;
  if (typeof value !== "number") throw invalid(`"${what}" is no number`);
  return value;
}

function optional(value: unknown, what: string): number | undefined {
  return value === undefined ? undefined : amount(value, what);
}

function oneOf<T extends string>(value: unknown, known: readonly T[], what: string): T {
  if (!known.includes(value as T)) throw invalid(`"${what}" is none of ${known.join(", ")}`);
  return value as T;
}
