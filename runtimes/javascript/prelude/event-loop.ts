import {
  apply,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  mapSize,
  SafeMap,
  SafeTypeError,
  mapClear,
} from "./intrinsics.ts";
import { monotonic } from "./native.ts";

interface Timer {
  readonly id: number;
  /** On the sandbox's monotonic clock, in milliseconds. */
  dueMs: number;
  /** Order of timers that are due at the same time. */
  turn: number;
  readonly everyMs: number | undefined;
  readonly callback: (...args: unknown[]) => void;
  readonly args: readonly unknown[];
}

const MAX_TIMERS = 100_000;
const MAX_DELAY_MS = 2 ** 31 - 1;

const timers = new SafeMap<number, Timer>();
let nextId = 1;
let nextTurn = 1;
/** A clock that stands still never reaches a timer: a wake-up by the host counts as having reached this moment. */
let reachedMs = 0;
let reportError: (error: unknown) => void = () => undefined;

function now(): number {
  const clock = monotonic();
  return clock > reachedMs ? clock : reachedMs;
}

function startTimer(callback: unknown, delay: unknown, args: readonly unknown[], repeat: boolean): number {
  if (typeof callback !== "function") throw new SafeTypeError("The callback of a timer must be a function");
  if (mapSize(timers) >= MAX_TIMERS) throw new SafeTypeError(`Cannot start a timer: ${MAX_TIMERS} are pending`);
  const asked = Number(delay);
  // As node does: at least a millisecond.
  const ms = asked >= 1 && asked <= MAX_DELAY_MS ? asked : 1;
  const timer: Timer = {
    id: nextId++,
    dueMs: now() + ms,
    turn: nextTurn++,
    everyMs: repeat ? ms : undefined,
    callback: callback as () => void,
    args,
  };
  mapSet(timers, timer.id, timer);
  return timer.id;
}

function earliest(): Timer | undefined {
  let first: Timer | undefined;
  mapForEach(timers, (item) => {
    const timer = item as Timer;
    if (first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.turn < first.turn))
      first = timer;
  });
  return first;
}

/** Runs one timer that is due. Returns whether there was one. */
export function fireTimer(): boolean {
  if (mapSize(timers) === 0) return false;
  const timer = earliest();
  if (timer === undefined || timer.dueMs > now()) return false;
  if (timer.everyMs === undefined) mapDelete(timers, timer.id);
  else {
    timer.dueMs = now() + timer.everyMs;
    timer.turn = nextTurn++;
  }
  try {
    apply(timer.callback, undefined, timer.args);
  } catch (error) {
    reportError(error);
  }
  return true;
}

/** When the earliest timer is due; undefined without one. */
export function wakeAtMs(): number | undefined {
  return mapSize(timers) === 0 ? undefined : earliest()?.dueMs;
}

/** The host waited for the earliest timer on a clock that stands still: its moment counts as reached. */
export function wake(): void {
  const due = wakeAtMs();
  if (due !== undefined && due > reachedMs) reachedMs = due;
}

export function clearTimers(): void {
  mapClear(timers);
  reachedMs = 0;
}

function clear(id: unknown): void {
  if (typeof id === "number" && mapGet(timers, id) !== undefined) mapDelete(timers, id);
}

const then = Promise.prototype.then;
const resolved = Promise.resolve();

/** The globals that make things happen later. `report` gets what their callbacks throw. */
export function installEventLoop(
  define: (name: string, value: unknown) => void,
  report: (error: unknown) => void,
): void {
  reportError = report;
  define("setTimeout", (callback: unknown, delay?: unknown, ...args: unknown[]) =>
    startTimer(callback, delay, args, false),
  );
  define("setInterval", (callback: unknown, delay?: unknown, ...args: unknown[]) =>
    startTimer(callback, delay, args, true),
  );
  define("setImmediate", (callback: unknown, ...args: unknown[]) => startTimer(callback, 0, args, false));
  define("clearTimeout", clear);
  define("clearInterval", clear);
  define("clearImmediate", clear);
  define("queueMicrotask", (callback: unknown) => {
    if (typeof callback !== "function") throw new SafeTypeError("The callback of a microtask must be a function");
    void apply(then, resolved, [
      () => {
        try {
          (callback as () => void)();
        } catch (error) {
          report(error);
        }
      },
    ]);
  });
}
