import { WardianError } from "../../../errors.ts";
import { packageError, quoted } from "./package-error.ts";
import type { Wheel } from "./read-wheel.ts";

/** Which packages, by the digests of their wheels: what `lockPackages` and `wardian packages lock` write. */
export interface PackagesLock {
  readonly version: 1;
  readonly packages: readonly LockedPackage[];
}

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Of the wheel, in hexadecimal. */
  readonly sha256: string;
}

/** The lock of wheels, sorted by name. */
export function lockOf(wheels: readonly Wheel[]): PackagesLock {
  const packages = wheels.map(({ name, version, digest }) => ({ name, version, sha256: digest }));
  return { version: 1, packages: packages.toSorted((left, right) => (left.name < right.name ? -1 : 1)) };
}

/** More is no lock that somebody made. */
const MAX_PACKAGES = 10_000;

/** Reads a lock that may come from anywhere. @throws WardianError "invalid-option" */
export function parseLock(value: unknown, action: string): PackagesLock {
  const fail = (why: string): WardianError =>
    new WardianError(
      "invalid-option",
      `${action}: the lock of its packages ${why}; make it with "wardian packages lock"`,
    );
  if (typeof value !== "object" || value === null) throw fail("is no object");
  const { version, packages } = value as Partial<Record<keyof PackagesLock, unknown>>;
  if (version !== 1) throw fail("is not of version 1");
  if (!Array.isArray(packages) || packages.length > MAX_PACKAGES) throw fail("has no list of packages");
  const read = packages.map((item: unknown): LockedPackage => {
    const locked = (typeof item === "object" && item !== null ? item : {}) as Partial<
      Record<keyof LockedPackage, unknown>
    >;
    if (typeof locked.name !== "string" || typeof locked.version !== "string" || typeof locked.sha256 !== "string")
      throw fail("has a package without name, version or sha256");
    if (!/^[0-9a-f]{64}$/.test(locked.sha256)) throw fail(`has no SHA-256 in hexadecimal for ${quoted(locked.name)}`);
    return { name: locked.name, version: locked.version, sha256: locked.sha256 };
  });
  return { version, packages: read };
}

/** @throws WardianError "invalid-package" unless these are exactly the packages of the lock */
export function checkLock({ packages }: PackagesLock, wheels: readonly Wheel[]): void {
  const open = new Map(packages.map((locked) => [normalName(locked.name), locked]));
  for (const { name, version, digest } of wheels) {
    const what = `${name} ${version}`;
    const locked = open.get(normalName(name));
    if (locked === undefined) throw packageError(what, "the lock does not name it");
    if (locked.version !== version) throw packageError(what, `the lock names version ${quoted(locked.version)}`);
    if (locked.sha256 !== digest)
      throw packageError(what, `its SHA-256 is ${digest}, and the lock names ${locked.sha256}`);
    open.delete(normalName(name));
  }
  for (const { name, version } of open.values())
    throw packageError(`${quoted(name)} ${quoted(version)}`, "the lock names it, and no wheel of it was given");
}

/** One spelling of a package's name (PEP 503). */
export function normalName(name: string): string {
  return name.replaceAll(/[-_.]+/g, "-").toLowerCase();
}
