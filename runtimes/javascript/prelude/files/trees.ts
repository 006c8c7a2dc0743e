/** What works on whole trees. */
import { SafeError } from "../intrinsics.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { operate, failure } from "./operate.ts";
import { pathOf } from "./arguments.ts";
import type { Path } from "./arguments.ts";
import { readBytes } from "./read.ts";
import { stat, tryStat } from "./stats.ts";
import { readdirSync, mkdirSync } from "./directories.ts";
import { join as joinPath } from "./path.ts";

export function rmSync(path: Path, options?: { readonly recursive?: boolean; readonly force?: boolean }): void {
  const name = pathOf(path);
  const found = tryStat(name, false);
  if (found === undefined) {
    if (options?.force === true) return;
    throw failure("ENOENT", "rm", name);
  }
  if (found.kind !== "directory") {
    operate(FILE_OPERATION.removeFile, "rm", [name]);
    return;
  }
  if (options?.recursive !== true)
    throw Object.assign(new SafeError(`Path is a directory: rm returned EISDIR (is a directory) ${name}`), {
      code: "ERR_FS_EISDIR",
      path: name,
    });
  for (const entry of readdirSync(name) as string[]) rmSync(joinPath(name, entry), options);
  operate(FILE_OPERATION.removeDirectory, "rm", [name]);
}

export function copyFileSync(from: Path, to: Path, mode = 0): void {
  operate(
    FILE_OPERATION.writeBytes,
    "copyfile",
    [pathOf(to), (mode & 1) === 1 ? "wx" : "w"],
    readBytes(pathOf(from)).buffer as ArrayBuffer,
  );
}

export function cpSync(from: Path, to: Path, options?: { readonly recursive?: boolean }): void {
  const source = pathOf(from);
  const target = pathOf(to);
  if (stat(source, true, "cp").kind !== "directory") return copyFileSync(source, target);
  if (options?.recursive !== true) throw failure("EISDIR", "cp", source);
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source) as string[])
    cpSync(joinPath(source, entry), joinPath(target, entry), options);
}
