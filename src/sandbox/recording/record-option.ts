import { WardianError } from "../../errors.ts";
import type { Execution } from "../options.ts";
import { describe } from "../limits.ts";

export interface RecordSettings {
  readonly maxBytes: number;
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
const MAX_BYTES = 2 ** 30;

/** What of a sandbox decides whether it can be recorded. */
export interface RecordedSandbox {
  readonly execution: Execution;
  /** Whether it has Python packages. */
  readonly packages: boolean;
}

/** @throws TypeError, RangeError or WardianError ("unsupported") that names the option */
export function resolveRecord(
  record: unknown,
  { execution, packages }: RecordedSandbox,
  action: string,
): RecordSettings | undefined {
  if (record === undefined || record === false) return undefined;
  if (record !== true && (typeof record !== "object" || record === null))
    throw new TypeError(`${action}: record must be a boolean or { maxBytes }, not ${describe(record)}`);
  if (execution === "yielding")
    throw new WardianError(
      "unsupported",
      `${action}: a guest of execution "yielding" cannot be recorded; use "inline", "worker" or "process"`,
    );
  if (packages)
    throw new WardianError("unsupported", `${action}: a recording does not hold packages yet; leave out "record"`);
  const fields: { readonly maxBytes?: unknown } = record === true ? {} : record;
  const { maxBytes = DEFAULT_MAX_BYTES, ...rest } = fields;
  const stray = Object.keys(rest)[0];
  if (stray !== undefined)
    throw new WardianError("invalid-option", `${action}: record.${stray} is not an option; the option is maxBytes`);
  if (typeof maxBytes !== "number" || !Number.isInteger(maxBytes) || maxBytes < 1 || maxBytes > MAX_BYTES) {
    throw new RangeError(
      `${action}: record.maxBytes is ${describe(maxBytes)}, and must be an integer from 1 to ${MAX_BYTES}`,
    );
  }
  return { maxBytes };
}
