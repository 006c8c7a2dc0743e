import type { StoredCall } from "../../capabilities/tools/deferred-calls.ts";
import { ToolError } from "../../capabilities/tools/tool-error.ts";
import { WardianError } from "../../errors.ts";
import { describe } from "../limits.ts";

/** The end of one pending call, as the caller of a suspended run gives it. */
export type CallAnswer =
  | { readonly id: number; readonly result: unknown }
  /** The message reaches the guest, as that of a `ToolError` does. */
  | { readonly id: number; readonly error: string | Error };

/**
 * Checks the answers of `resume`: each to another one of the pending calls. They need not be all.
 *
 * @throws TypeError for what is no list of answers; WardianError "unknown-call" for a call that is not pending or is answered twice.
 */
export function resolveAnswers(
  answers: unknown,
  pending: readonly StoredCall[],
  action: string,
): ReadonlyMap<number, unknown> {
  if (!Array.isArray(answers))
    throw new TypeError(`${action}: the answers must be an array of { id, result } or { id, error }`);
  const resolved = new Map<number, unknown>();
  for (const answer of answers as unknown[]) {
    if (typeof answer !== "object" || answer === null)
      throw new TypeError(`${action}: an answer must be { id, result } or { id, error }, not ${describe(answer)}`);
    const { id, result, error } = answer as {
      readonly id?: unknown;
      readonly result?: unknown;
      readonly error?: unknown;
    };
    if (typeof id !== "number" || !pending.some((call) => call.id === id)) {
      const known = pending.map((call) => call.id).join(", ");
      throw new WardianError("unknown-call", `${action}: no call ${describe(id)} is pending; pending: ${known}`);
    }
    if (resolved.has(id)) throw new WardianError("unknown-call", `${action}: call ${id} is answered twice`);
    if ("error" in answer === "result" in answer)
      throw new TypeError(`${action}: the answer to call ${id} must have either a result or an error`);
    resolved.set(id, "error" in answer ? rejection(error, id, action) : result);
  }
  return resolved;
}

function rejection(given: unknown, id: number, action: string): Promise<unknown> {
  const message = given instanceof Error ? given.message : given;
  if (typeof message !== "string")
    throw new TypeError(`${action}: the error of call ${id} must be a string or an Error, not ${describe(given)}`);
  const rejected = Promise.reject(new ToolError(message));
  // It is listened to when the run goes on; not to be taken for one that nobody minds until then.
  void rejected.catch(() => undefined);
  return rejected;
}
