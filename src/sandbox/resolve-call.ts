import { WardianError } from "../errors.ts";
import type { GuestCall, GuestKind } from "../guests/guest.ts";
import { describe } from "./limits.ts";
import type { RunOptions } from "./options.ts";

/** A function to call, and what one call may differ in from its sandbox. */
export interface CallTarget extends Pick<RunOptions, "limits" | "signal" | "stdin"> {
  /** The export's name; of an interface's function "interface#function". */
  readonly function: string;
}

/** Takes the first argument of `call` apart. */
export function resolveCall(
  target: unknown,
  args: readonly unknown[],
  kind: GuestKind,
  action: string,
): { readonly call: GuestCall; readonly options: object } {
  if (kind !== "reactor" && kind !== "component") {
    throw new WardianError(
      "unsupported",
      `${action}: a ${kind} guest has no functions to call; reactor(bytes) and component(bytes) have`,
    );
  }
  if (typeof target === "string") return { call: { name: checkName(target, action), args }, options: {} };
  if (typeof target !== "object" || target === null)
    throw new TypeError(`${action}: the function must be named by a string, not ${describe(target)}`);
  const { function: name, ...options } = target as Partial<CallTarget>;
  return { call: { name: checkName(name, action), args }, options };
}

function checkName(name: unknown, action: string): string {
  if (typeof name !== "string" || name === "")
    throw new TypeError(`${action}: the function must be named by a string, not ${describe(name)}`);
  return name;
}
