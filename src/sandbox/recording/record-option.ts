import { WardianError } from "../../errors.ts";
import { isLanguage } from "../../guests/language-facts.ts";
import type { GuestKind } from "../../guests/guest.ts";
import type { Execution } from "../options.ts";
import { describe } from "../limits.ts";

export interface RecordSettings {
  readonly maxBytes: number;
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
const MAX_BYTES = 2 ** 30;

/** What of a sandbox decides whether it can be recorded. */
export interface RecordedSandbox {
  readonly guest: GuestKind;
  readonly execution: Execution;
  /** Whether it starts from an image of `prepare`. */
  readonly prepared: boolean;
  /** Whether it has Python packages. */
  readonly packages: boolean;
}

/** @throws TypeError, RangeError or WardianError ("unsupported") that names the option */
export function resolveRecord(
  record: unknown,
  { guest, execution, prepared, packages }: RecordedSandbox,
  action: string,
): RecordSettings | undefined {
  if (record === undefined || record === false) return undefined;
  if (record !== true && (typeof record !== "object" || record === null))
    throw new TypeError(`${action}: record must be a boolean or { maxBytes }, not ${describe(record)}`);
  if (!isLanguage(guest))
    throw new WardianError("unsupported", `${action}: record is for languages; a ${guest} cannot be recorded yet`);
  if (execution !== "inline")
    throw new WardianError(
      "unsupported",
      `${action}: record needs execution "inline"; "${execution}" cannot record yet`,
    );
  if (prepared)
    throw new WardianError("unsupported", `${action}: record begins at a guest's own start; leave out "image"`);
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
