// Puts the preludes of the languages that come in packages of their own where their guests look for them.
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const source = path.join(root, "runtimes", "languages");
for (const entry of readdirSync(source, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  const target = path.join(root, "dist", "runtimes", entry.name);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(path.join(source, entry.name)))
    copyFileSync(path.join(source, entry.name, name), path.join(target, name));
}
