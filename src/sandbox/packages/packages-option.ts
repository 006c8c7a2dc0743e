import { WardianError } from "../../errors.ts";
import type { GuestKind } from "../../guests/guest.ts";
import { parseLock } from "../../guests/python/packages/packages-lock.ts";
import type { PackagesLock } from "../../guests/python/packages/packages-lock.ts";
import { describe } from "../limits.ts";

/** A wheel: its bytes, or the path of its file where the platform has files. */
export type PackageSource = string | Uint8Array;

/** The `packages` option, checked. */
export interface ResolvedPackages {
  readonly sources: readonly PackageSource[];
  readonly lock: PackagesLock | undefined;
}

const MAX_PACKAGES = 1_000;

/** @throws TypeError, RangeError or WardianError "invalid-option" */
export function resolvePackages(
  packages: unknown,
  lock: unknown,
  language: GuestKind,
  action: string,
): ResolvedPackages {
  if (packages === undefined && lock === undefined) return { sources: [], lock: undefined };
  // An empty list asks for nothing: the command line has one for every language.
  const asksForAny = lock !== undefined || !Array.isArray(packages) || packages.length > 0;
  if (language !== "python" && asksForAny)
    throw new WardianError("invalid-option", `${action}: packages are for Python; a ${language} guest takes none`);
  if (packages !== undefined && !Array.isArray(packages))
    throw new TypeError(`${action}: packages must be an array of wheels, not ${describe(packages)}`);
  const sources = (packages ?? []) as readonly unknown[];
  if (sources.length > MAX_PACKAGES)
    throw new RangeError(`${action}: packages are ${sources.length}, at most ${MAX_PACKAGES} are allowed`);
  for (const [index, source] of sources.entries()) {
    if ((typeof source === "string" && source !== "") || source instanceof Uint8Array) continue;
    throw new TypeError(
      `${action}: packages[${index}] must be the bytes of a wheel (a Uint8Array) or the path of one, not ${describe(source)}`,
    );
  }
  return {
    sources: sources as readonly PackageSource[],
    lock: lock === undefined ? undefined : parseLock(lock, action),
  };
}
