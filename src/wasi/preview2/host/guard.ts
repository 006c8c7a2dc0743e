import { CALL_UNITS } from "../guarded.ts";
import { failWith, isFailure } from "./failure.ts";
import type { Preview2Host, Resource } from "./preview2-host.ts";

type Method = (...args: never[]) => unknown;

/**
 * Makes every method of a resource class charge for the call, do nothing once a stop was asked for, and keep defects
 * from the guest. `stopped` is the error that its functions can return; without one they are simply carried out, each
 * being short, and the guest traps at its next check.
 */
export function guardMethods(type: { readonly prototype: Resource }, stopped?: unknown): void {
  const { prototype } = type as { readonly prototype: Resource & Record<string, Method> };
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = prototype[name];
    if (UNGUARDED.has(name) || typeof method !== "function") continue;
    const guarded = function (this: Resource, ...args: never[]): unknown {
      return carryOut(this.host, stopped, () => method.apply(this, args));
    };
    Object.defineProperty(prototype, name, { value: guarded });
  }
}

/** What only the host calls. */
const UNGUARDED: ReadonlySet<string> = new Set(["constructor", "close", "capture"]);

/** The same for the functions of an interface. */
export function guardFunctions<T extends Readonly<Record<string, Method>>>(
  host: Preview2Host,
  functions: T,
  stopped?: unknown,
): T {
  const guarded = Object.create(null) as Record<string, Method>;
  for (const [name, call] of Object.entries(functions))
    guarded[name] = (...args: never[]) => carryOut(host, stopped, () => call(...args));
  return guarded as T;
}

function carryOut(host: Preview2Host, stopped: unknown, call: () => unknown): unknown {
  const { fuel } = host;
  if (!fuel.charge(CALL_UNITS) && stopped !== undefined) failWith(stopped);
  try {
    return call();
  } catch (error) {
    if (isFailure(error)) throw error;
    // The stop comes first: whatever the guest catches now, it is over at its next check.
    fuel.stop({ kind: "host-error", cause: error });
    if (stopped !== undefined) failWith(stopped);
    throw error;
  }
}
