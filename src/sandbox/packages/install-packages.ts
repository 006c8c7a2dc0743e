import { WardianError } from "../../errors.ts";
import { loadPackages, readWheels } from "../../guests/python/packages/load-packages.ts";
import type { GivenWheel } from "../../guests/python/packages/load-packages.ts";
import { lockOf } from "../../guests/python/packages/packages-lock.ts";
import type { PackagesLock } from "../../guests/python/packages/packages-lock.ts";
import { MAX_WHEEL_BYTES } from "../../guests/python/packages/read-wheel.ts";
import type { Platform } from "../../hosts/platform.ts";
import type { ResolvedOptions } from "../options.ts";
import type { PackageSource } from "./packages-option.ts";

/**
 * Fills in `installed`: reads the wheels that the options name and takes them apart.
 *
 * @throws WardianError "invalid-package" that says what is wrong with one, "unsupported" for a path where there are no files
 */
export async function installPackages(
  options: ResolvedOptions,
  platform: Platform,
  action: string,
): Promise<ResolvedOptions> {
  const { sources, lock } = options.packages;
  if (sources.length === 0 && lock === undefined) return options;
  return { ...options, installed: await loadPackages(await readSources(sources, platform, action), lock, platform) };
}

/** The lock of wheels: their names, versions and digests, for the option `packagesLock`. */
export async function lockPackagesOn(platform: Platform, packages: readonly PackageSource[]): Promise<PackagesLock> {
  return lockOf(await readWheels(await readSources(packages, platform, "Cannot lock packages"), platform));
}

async function readSources(
  sources: readonly PackageSource[],
  platform: Platform,
  action: string,
): Promise<readonly GivenWheel[]> {
  const given: GivenWheel[] = [];
  for (const [index, source] of sources.entries()) {
    if (typeof source !== "string") {
      // A copy: what is checked is what is used.
      given.push({ what: `packages[${index}]`, bytes: Uint8Array.from(source) });
      continue;
    }
    const what = JSON.stringify(source);
    if (platform.readFile === undefined)
      throw new WardianError(
        "unsupported",
        `${action}: packages[${index}] is a path, and this platform has no files; give its bytes`,
      );
    try {
      given.push({ what, bytes: await platform.readFile(source, MAX_WHEEL_BYTES) });
    } catch (cause) {
      throw new WardianError("invalid-package", `${action}: the package ${what} cannot be read`, { cause });
    }
  }
  return given;
}
