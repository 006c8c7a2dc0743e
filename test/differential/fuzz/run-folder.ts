// node run-folder.ts FOLDER: runs every module of a folder metered and prints what must be the same on every engine. By a
// Node that reads TypeScript itself (22.18 or later).
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { runMetered } from "./run-module.ts";

/** Fuel and state of each module by its file's name. Messages of traps are the engine's own and left out. */
export function runFolder(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .map((name) => {
        const { fuel, state, ended } = runMetered(Uint8Array.from(readFileSync(path.join(folder, name))), "optimized");
        // Where a module without a limit of depth ends in the engine's own stack, engines differ.
        return [name, ended === "stack" ? ended : `${ended} ${String(fuel)} ${state}`];
      }),
  );
}

const [, script = "", folder] = process.argv;
if (path.basename(script) === "run-folder.ts" && folder !== undefined) console.log(JSON.stringify(runFolder(folder)));
