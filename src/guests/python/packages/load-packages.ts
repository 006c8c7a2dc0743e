import { ModuleCache } from "../../module/module-cache.ts";
import { checkLock } from "./packages-lock.ts";
import type { PackagesLock } from "./packages-lock.ts";
import { installWheels } from "./installed-packages.ts";
import type { InstalledPackages } from "./installed-packages.ts";
import { readWheel } from "./read-wheel.ts";
import type { Unpacking, Wheel } from "./read-wheel.ts";

/** One wheel as it was given: its bytes, and what to call it until its own name is known. */
export interface GivenWheel {
  readonly what: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const installed = new ModuleCache<InstalledPackages>();
const known = new ModuleCache<Wheel & { readonly byteLength: number }>();

/** Takes wheels apart, each one once in a process. @throws WardianError "invalid-package" */
export async function readWheels(given: readonly GivenWheel[], platform: Unpacking): Promise<readonly Wheel[]> {
  const wheels: Wheel[] = [];
  // One after the other: an unpacked one may be large.
  for (const { bytes, what } of given) {
    const digest = await platform.digest(bytes);
    wheels.push(
      await known.get(digest, async () => {
        const wheel = await readWheel(bytes, what, platform);
        let byteLength = bytes.length;
        for (const file of wheel.files.values()) byteLength += file.length;
        return { ...wheel, byteLength };
      }),
    );
  }
  return wheels;
}

/** Makes what a sandbox needs of its packages. @throws WardianError "invalid-package" */
export async function loadPackages(
  given: readonly GivenWheel[],
  lock: PackagesLock | undefined,
  platform: Unpacking,
): Promise<InstalledPackages> {
  const wheels = await readWheels(given, platform);
  if (lock !== undefined) checkLock(lock, wheels);
  const archives = given.map(({ bytes }) => bytes);
  const key = wheels.map(({ digest }) => digest).join(" ");
  return await installed.get(key, () => Promise.resolve(installWheels(wheels, archives)));
}
