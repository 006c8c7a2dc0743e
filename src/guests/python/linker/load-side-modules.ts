import { ModuleCache } from "../../module/module-cache.ts";
import type { InstalledPackages } from "../packages/installed-packages.ts";
import type { Linkage } from "./linkage.ts";
import { prepareSideModule } from "./prepare-side-module.ts";
import { resolveSymbols } from "./resolve-symbols.ts";
import type { SideModule, SideModules } from "./side-module.ts";

const prepared = new ModuleCache<SideModule>();

/**
 * The side modules of packages: every file named ".so" that is Wasm. Each is checked, metered and compiled once in a process.
 *
 * @throws WardianError that names the module and what is wrong with it
 */
export async function loadSideModules(
  { wheels }: InstalledPackages,
  linkage: () => Promise<Linkage>,
  stackLimit: number,
): Promise<SideModules | undefined> {
  const modules = new Map<string, SideModule>();
  for (const { digest, files } of wheels) {
    for (const [path, bytes] of files) {
      if (!isSideModule(path, bytes)) continue;
      const key = `${digest} ${path}`;
      modules.set(path, await prepared.get(key, () => prepareSideModule(bytes, path, stackLimit)));
    }
  }
  return modules.size === 0 ? undefined : resolveSymbols(modules, await linkage());
}

function isSideModule(path: string, bytes: Uint8Array): boolean {
  return /\.so(?:\.\d+)*$/.test(path) && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}
