import {
  findText,
  get,
  getOwnPropertyDescriptor,
  parse,
  SafeError,
  SafeSyntaxError,
  join,
  testPattern,
} from "./intrinsics.ts";
import { resetConsole } from "./console/console.ts";
import { describeError } from "./describe-error.ts";
import { encodeValue, TOO_LARGE } from "./encode-value.ts";
import { clearTimers, fireTimer, wake, wakeAtMs } from "./event-loop.ts";
import { setEnvironment, setInlineModules, toJavaScript, useTypeScript } from "./modules.ts";
import { EVALUATE, evaluate, promiseResult, promiseState } from "./native.ts";
import { installFetch } from "./fetch/fetch.ts";
import { forgetCalls, pendingCallIds, settleCall } from "./pending-calls.ts";
import type { Settlement } from "./pending-calls.ts";
import { installTools } from "./tools.ts";

/** What the host sends at the start of a run (src/guests/javascript/protocol.ts). */
interface Request {
  readonly source: string;
  readonly filename: string;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly modules: readonly (readonly [string, string])[];
  readonly typescript: boolean;
  readonly tools: readonly string[];
  readonly network: boolean;
  readonly valueBytes: number;
}

/** Tells the adapter to let promise jobs run and to ask again. */
const AGAIN = 1;

interface Running {
  readonly filename: string;
  readonly valueBytes: number;
  /** What the run's end hangs on; undefined once the value is there. */
  awaited: { readonly promise: unknown; readonly unwrap: "script" | "module" | "value" } | undefined;
  value: unknown;
  /** The answer, made; promise jobs that its making left behind run before it goes out. */
  answer: string | undefined;
}

let running: Running | undefined;

export function start(text: string): void {
  const request = parse(text) as Request;
  clearTimers();
  forgetCalls();
  resetConsole();
  const run: Running = {
    filename: request.filename,
    valueBytes: request.valueBytes,
    awaited: undefined,
    value: undefined,
    answer: undefined,
  };
  running = run;
  try {
    useTypeScript(request.typescript);
    setInlineModules(request.modules);
    setEnvironment(request.args, request.env);
    installTools(request.tools);
    if (request.network) installFetch();
    const source = toJavaScript(request.source, request.filename);
    if (testPattern(/\.m[jt]s$/, request.filename)) startModule(run, source);
    else startScript(run, source);
  } catch (error) {
    fail(error);
  }
}

function startScript(run: Running, source: string): void {
  // Looking for the letters first: the engine does that much faster than a regular expression.
  const awaits = findText(source, "await") >= 0 && testPattern(/\bawait\b/, source);
  try {
    const result = evaluate(source, run.filename, EVALUATE.script | EVALUATE.barrier | (awaits ? EVALUATE.async : 0));
    take(run, result, awaits ? "script" : "value");
  } catch (error) {
    // The engine compiles before it runs, so nothing has happened yet when it meets an import or export.
    if (!(error instanceof SafeSyntaxError) || !looksLikeModule(source)) throw error;
    startModule(run, source);
  }
}

function looksLikeModule(source: string): boolean {
  return testPattern(/(?:^|[\n;}])\s*(?:import\b|export\b)|\bimport\s*\.\s*meta\b/, source);
}

function startModule(run: Running, source: string): void {
  take(run, evaluate(source, run.filename, EVALUATE.module | EVALUATE.barrier), "module");
}

/** Goes on with what the code gave: a promise is awaited, everything else is the value. */
function take(run: Running, result: unknown, unwrap: "script" | "module" | "value"): void {
  if (promiseState(result) >= 0) run.awaited = { promise: result, unwrap };
  else if (unwrap === "value") run.value = result;
  else take(run, unwrapped(result, unwrap), "value");
}

/** A script that awaits resolves to `{ value }`, a module to its namespace. */
function unwrapped(result: unknown, unwrap: "script" | "module"): unknown {
  return unwrap === "script" ? getOwnPropertyDescriptor(result, "value")?.value : get(result as object, "default");
}

export function resume(text: string): void {
  const { settlements, wake: reached } = parse(text) as {
    readonly settlements: readonly Settlement[];
    readonly wake: boolean;
  };
  if (reached) wake();
  for (let index = 0; index < settlements.length; index++) settleCall(settlements[index] as Settlement);
}

/** What a callback of a timer or a microtask threw: it ends the run, as it would end a process. */
export function fail(error: unknown): void {
  const run = running;
  if (run === undefined || run.answer !== undefined) return;
  finish(run, error === TOO_LARGE ? "l" : `e${describeError(error, run.filename)}`);
}

function finish(run: Running, answer: string): void {
  run.answer = answer;
  clearTimers();
  forgetCalls();
}

/** One step: {@link AGAIN}, or the answer of the turn. Its first letter says which: v(alue), e(rror), l(arge), w(aiting). */
export function step(): number | string {
  const run = running;
  if (run === undefined) return "w{}";
  if (run.answer !== undefined) {
    running = undefined;
    return run.answer;
  }
  try {
    return advance(run);
  } catch (error) {
    fail(error);
    return AGAIN;
  }
}

function advance(run: Running): number | string {
  const { awaited } = run;
  if (awaited !== undefined) {
    const state = promiseState(awaited.promise);
    if (state === 2) {
      fail(promiseResult(awaited.promise));
      return AGAIN;
    }
    if (state === 1) {
      run.awaited = undefined;
      take(run, promiseResult(awaited.promise), awaited.unwrap);
      return AGAIN;
    }
  }
  if (fireTimer()) return AGAIN;
  const calls = pendingCallIds();
  const wakeAt = wakeAtMs();
  if (calls.length > 0 || wakeAt !== undefined) {
    return `w{"calls":[${join(calls, ",")}]${wakeAt === undefined ? "" : `,"wakeAt":${wakeAt}`}}`;
  }
  if (run.awaited !== undefined) throw deadlock();
  finish(run, `v${encodeValue(run.value, run.valueBytes)}`);
  return AGAIN;
}

function deadlock(): Error {
  const error = new SafeError(
    "The code awaits a promise that nothing can settle: no timer, no tool call and no request is pending",
  );
  error.name = "DeadlockError";
  error.stack = "";
  return error;
}
