import type { StopReason } from "./stop-reason.ts";

/** Longest trap message that is passed on, in UTF-16 units. */
const MAX_MESSAGE = 200;

/** V8 and JavaScriptCore "Maximum call stack size exceeded", SpiderMonkey "too much recursion", JavaScriptCore's "Stack overflow" trap. */
const STACK = /call stack size exceeded|too much recursion|stack overflow|call stack exhausted/i;

/** V8 "unreachable", SpiderMonkey "unreachable executed", JavaScriptCore "Unreachable code should not be executed". */
const UNREACHABLE = /unreachable/i;

/** What engines say when linear memory or a GC array can't be had: V8, SpiderMonkey, JavaScriptCore in turn. */
const MEMORY =
  /cannot allocate wasm memory|could not allocate memory|failed to allocate memory|requested new array is too large|too many array elements|out of memory|failed to allocate new array/i;

/**
 * Says why a call into a guest threw, for a throw that the gauge did not ask for.
 *
 * The three engines word the same trap differently and use different classes for a stack overflow (`RangeError` in V8
 * and JavaScriptCore, `InternalError` in SpiderMonkey), so both the class and the message are looked at. Whatever is
 * not recognised as the guest's own doing is a defect of the host.
 */
export function classifyFailure(error: unknown): StopReason {
  if (error === "out of memory") return { kind: "memory" }; // SpiderMonkey throws this very string.
  if (isUncaughtException(error)) return { kind: "trap", message: "uncaught exception" };
  const { name, message } = describe(error);
  if (isInstance(error, WebAssembly.RuntimeError) || name === "RuntimeError") {
    if (UNREACHABLE.test(message)) return { kind: "unreachable" };
    if (STACK.test(message)) return { kind: "stack" };
    if (MEMORY.test(message)) return { kind: "memory" };
    return { kind: "trap", message: message.slice(0, MAX_MESSAGE) };
  }
  if ((name === "RangeError" || name === "InternalError") && STACK.test(message)) return { kind: "stack" };
  if ((name === "RangeError" || name === "InternalError") && MEMORY.test(message)) return { kind: "memory" };
  return { kind: "host-error", cause: error };
}

function isUncaughtException(error: unknown): boolean {
  return typeof WebAssembly.Exception === "function" && isInstance(error, WebAssembly.Exception);
}

function isInstance(error: unknown, type: abstract new (...args: never[]) => object): boolean {
  try {
    return error instanceof type;
  } catch {
    return false; // A revoked proxy thrown by a host import.
  }
}

/** Name and message of whatever was thrown; a host import may throw objects whose getters throw. */
function describe(error: unknown): { readonly name: string; readonly message: string } {
  if (typeof error !== "object" || error === null) return { name: "", message: "" };
  try {
    const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
    return { name: typeof name === "string" ? name : "", message: typeof message === "string" ? message : "" };
  } catch {
    return { name: "", message: "" };
  }
}
