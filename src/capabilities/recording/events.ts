/**
 * The kinds of input that can cross the boundary while a guest runs, as they stand on a tape. Numbers are part of the
 * format: a new kind gets a new number.
 */
export const EVENT = {
  /** The payload-less event before it came so many times more. */
  repeat: 0,
  wallTime: 1,
  sameWallTime: 2,
  monotonicTime: 3,
  sameMonotonicTime: 4,
  sleep: 5,
  random: 6,
  input: 7,
  toolCall: 8,
  httpStart: 9,
  httpRead: 10,
  httpCancel: 11,
  file: 12,
  resume: 13,
  /** A look at deadline and signal, asked for by the host's own code, that ended the run. */
  stop: 14,
} as const;

export type EventKind = (typeof EVENT)[keyof typeof EVENT];

const NAMES: ReadonlyMap<EventKind, string> = new Map<EventKind, string>([
  [EVENT.repeat, "a repetition"],
  [EVENT.wallTime, "the wall time"],
  [EVENT.sameWallTime, "the wall time"],
  [EVENT.monotonicTime, "the monotonic time"],
  [EVENT.sameMonotonicTime, "the monotonic time"],
  [EVENT.sleep, "a sleep"],
  [EVENT.random, "random bytes"],
  [EVENT.input, "standard input"],
  [EVENT.toolCall, "a tool call"],
  [EVENT.httpStart, "a request"],
  [EVENT.httpRead, "a piece of a response"],
  [EVENT.httpCancel, "the end of a request"],
  [EVENT.file, "a file operation"],
  [EVENT.resume, "to go on after a wait"],
  [EVENT.stop, "to be stopped"],
]);

/** What a guest asks for in an event of this kind, for messages. */
export function eventName(kind: number): string {
  return NAMES.get(kind as EventKind) ?? `an event of the unknown kind ${kind}`;
}

export function isEventKind(kind: number): kind is EventKind {
  return NAMES.has(kind as EventKind);
}
