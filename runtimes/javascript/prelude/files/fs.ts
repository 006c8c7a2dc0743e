/** The common part of `node:fs` over the sandbox's mounted files. Text is UTF-8; there is no Buffer: bytes are `Uint8Array`. */
import { create, defineProperty, dateTime, parse, SafeTypeError } from "../intrinsics.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { operate, failure } from "./operate.ts";
import { pathOf } from "./arguments.ts";
import type { Path, Encoding } from "./arguments.ts";
import { readFileSync } from "./read.ts";
import { stat, tryStat, statOf, Stats } from "./stats.ts";
import { write } from "./write.ts";
import { readdirSync, mkdirSync, Dirent } from "./directories.ts";
import { rmSync, copyFileSync, cpSync } from "./trees.ts";

const seconds = (time: unknown): number =>
  typeof time === "object" && time !== null ? dateTime(time) : Number(time) * 1000;

const operations = {
  readFileSync,
  writeFileSync: (path: Path, data: unknown, options?: Encoding): void => write(path, data, options, "w"),
  appendFileSync: (path: Path, data: unknown, options?: Encoding): void => write(path, data, options, "a"),
  existsSync: (path: unknown): boolean => {
    try {
      return tryStat(pathOf(path), true) !== undefined;
    } catch {
      return false;
    }
  },
  accessSync: (path: Path, mode = 0): void => {
    const name = pathOf(path);
    const found = stat(name, true, "access");
    if ((mode & 2) !== 0 && !found.writable) throw failure("EACCES", "access", name);
  },
  statSync: (path: Path, options?: { readonly throwIfNoEntry?: boolean }): Stats | undefined =>
    statOf(path, true, options),
  lstatSync: (path: Path, options?: { readonly throwIfNoEntry?: boolean }): Stats | undefined =>
    statOf(path, false, options),
  readdirSync,
  mkdirSync,
  mkdtempSync: (prefix: string): string => {
    for (let attempt = 0; ; attempt++) {
      const name = prefix + Math.random().toString(36).slice(2, 8).padEnd(6, "0");
      if (tryStat(name, false) !== undefined && attempt < 100) continue;
      operate(FILE_OPERATION.makeDirectory, "mkdtemp", [name]);
      return name;
    }
  },
  rmSync,
  rmdirSync: (path: Path, options?: { readonly recursive?: boolean }): void => {
    if (options?.recursive === true) rmSync(path, options);
    else operate(FILE_OPERATION.removeDirectory, "rmdir", [pathOf(path)]);
  },
  unlinkSync: (path: Path): void => void operate(FILE_OPERATION.removeFile, "unlink", [pathOf(path)]),
  renameSync: (from: Path, to: Path): void => void operate(FILE_OPERATION.rename, "rename", [pathOf(from), pathOf(to)]),
  copyFileSync,
  cpSync,
  linkSync: (from: Path, to: Path): void => void operate(FILE_OPERATION.link, "link", [pathOf(from), pathOf(to)]),
  symlinkSync: (target: string, path: Path): void =>
    void operate(FILE_OPERATION.symlink, "symlink", [pathOf(target), pathOf(path)]),
  readlinkSync: (path: Path): string =>
    parse(operate(FILE_OPERATION.readLink, "readlink", [pathOf(path)]) as string) as string,
  realpathSync: (path: Path): string =>
    parse(operate(FILE_OPERATION.realPath, "realpath", [pathOf(path)]) as string) as string,
  truncateSync: (path: Path, size = 0): void => void operate(FILE_OPERATION.truncate, "truncate", [pathOf(path), size]),
  utimesSync: (path: Path, accessed: unknown, modified: unknown): void =>
    void operate(FILE_OPERATION.setTimes, "utime", [pathOf(path), seconds(accessed), seconds(modified)]),
};

const constants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4, COPYFILE_EXCL: 1 };

/** `node:fs` and `node:fs/promises`: the promise and callback forms do the same work, and answer later. */
export function makeFs(): { readonly fs: object; readonly promises: object } {
  const fs: Record<string, unknown> = create(null) as Record<string, unknown>;
  const promises: Record<string, unknown> = create(null) as Record<string, unknown>;
  for (const [name, method] of Object.entries(operations) as [string, (...args: unknown[]) => unknown][]) {
    const short = name.slice(0, -"Sync".length);
    fs[name] = named(method, name);
    if (short === "exists") continue;
    promises[short] = named(async (...args: unknown[]) => method(...args), short);
    fs[short] = named((...args: unknown[]) => {
      const callback = args.pop();
      if (typeof callback !== "function") throw new SafeTypeError('The "cb" argument must be of type function');
      void (promises[short] as (...args: unknown[]) => Promise<unknown>)(...args).then(
        // As a microtask of its own: what a callback throws ends the run, and is not a rejection that nobody sees.
        (value) => queueMicrotask(() => (callback as (...args: unknown[]) => void)(null, value)),
        (error: unknown) => queueMicrotask(() => (callback as (...args: unknown[]) => void)(error)),
      );
    }, short);
  }
  fs["constants"] = promises["constants"] = constants;
  fs["promises"] = promises;
  fs["Stats"] = named(Stats, "Stats");
  fs["Dirent"] = named(Dirent, "Dirent");
  return { fs, promises };
}

function named<T extends object>(method: T, name: string): T {
  return defineProperty(method, "name", { value: name, configurable: true });
}
