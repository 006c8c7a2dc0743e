import { parse } from "../intrinsics.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { operate, failure } from "./operate.ts";
import { pathOf } from "./arguments.ts";
import type { Path } from "./arguments.ts";
import { tryStat } from "./stats.ts";
import { dirname, join as joinPath, resolve as resolvePath } from "./path.ts";

export class Dirent {
  readonly name: string;
  readonly parentPath: string;
  readonly #kind: string;

  constructor(name: string, parentPath: string, kind: string) {
    this.name = name;
    this.parentPath = parentPath;
    this.#kind = kind;
  }

  get path(): string {
    return this.parentPath;
  }
  isFile(): boolean {
    return this.#kind === "file";
  }
  isDirectory(): boolean {
    return this.#kind === "directory";
  }
  isSymbolicLink(): boolean {
    return this.#kind === "symlink";
  }
}

interface ListOptions {
  readonly withFileTypes?: boolean;
  readonly recursive?: boolean;
}

export function readdirSync(path: Path, options?: ListOptions | string | null): (string | Dirent)[] {
  const name = pathOf(path);
  const { withFileTypes = false, recursive = false } = typeof options === "object" && options !== null ? options : {};
  const result: (string | Dirent)[] = [];
  const visit = (directory: string, prefix: string): void => {
    const entries = parse(operate(FILE_OPERATION.list, "scandir", [directory]) as string) as [string, string][];
    entries.sort(([left], [right]) => (left < right ? -1 : 1));
    for (const [entry, kind] of entries) {
      result.push(withFileTypes ? new Dirent(entry, directory, kind) : prefix + entry);
      if (recursive && kind === "directory") visit(joinPath(directory, entry), `${prefix}${entry}/`);
    }
  };
  visit(name, "");
  return result;
}

export function mkdirSync(path: Path, options?: { readonly recursive?: boolean } | number | null): string | undefined {
  const name = pathOf(path);
  if (typeof options !== "object" || options?.recursive !== true) {
    operate(FILE_OPERATION.makeDirectory, "mkdir", [name]);
    return undefined;
  }
  const missing: string[] = [];
  for (let at = resolvePath(name); ; at = dirname(at)) {
    const found = tryStat(at, true);
    if (found !== undefined && found.kind !== "directory")
      throw failure(missing.length === 0 ? "EEXIST" : "ENOTDIR", "mkdir", name);
    if (found !== undefined || at === "/") break;
    missing.push(at);
  }
  for (let index = missing.length - 1; index >= 0; index--)
    operate(FILE_OPERATION.makeDirectory, "mkdir", [missing[index]]);
  return missing[missing.length - 1];
}
