import { WardianError } from "../../../errors.ts";

/** A wheel that cannot be used. Names in a wheel are hostile text, of any length: quote them with {@link quoted}. */
export function packageError(what: string, why: string, cause?: unknown): WardianError {
  return new WardianError(
    "invalid-package",
    `Cannot use the package ${what}: ${why}`,
    cause === undefined ? {} : { cause },
  );
}

const LONGEST = 120;

export function quoted(name: string): string {
  return JSON.stringify(name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name);
}
