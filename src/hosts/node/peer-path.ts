import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

/**
 * Where a file of an installed package is, as Node itself looks for packages from this one: beside it or further out. Not
 * by `require.resolve`, since packages do not export their binaries.
 */
export function peerPath(packageName: string, file: string): string {
  for (const folder of require.resolve.paths(packageName) ?? []) {
    if (!existsSync(path.join(folder, packageName, "package.json"))) continue;
    const found = path.join(folder, packageName, file);
    if (existsSync(found)) return found;
    throw new Error(`the package is installed, in a version without ${file}`);
  }
  throw new Error("the package is not installed");
}
