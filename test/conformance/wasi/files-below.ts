import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The files of a host folder as `memoryDirectory` takes them: relative path → content. */
export function filesBelow(folder: string): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files[path.relative(folder, file).replaceAll("\\", "/")] = readFileSync(file);
  }
  return files;
}
