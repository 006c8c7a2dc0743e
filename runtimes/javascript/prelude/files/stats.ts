import { parse, startsWith, stringify } from "../intrinsics.ts";
import { fileOperation } from "../native.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { operate } from "./operate.ts";
import { pathOf } from "./arguments.ts";
import type { Path } from "./arguments.ts";

export interface NodeStat {
  readonly kind: "file" | "directory" | "symlink";
  readonly size: number;
  readonly inode: number;
  readonly links: number;
  readonly writable: boolean;
  readonly accessedMs: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
}

export function stat(path: string, follow: boolean, call = follow ? "stat" : "lstat"): NodeStat {
  return parse(operate(FILE_OPERATION.stat, call, [path, follow]) as string) as NodeStat;
}

export class Stats {
  readonly dev = 0;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid = 0;
  readonly gid = 0;
  readonly rdev = 0;
  readonly size: number;
  readonly blksize = 4096;
  readonly blocks: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;
  readonly atime: Date;
  readonly mtime: Date;
  readonly ctime: Date;
  readonly birthtime: Date;

  constructor(node: NodeStat) {
    this.ino = node.inode;
    this.mode =
      (node.kind === "directory" ? 0o040000 | 0o555 : node.kind === "symlink" ? 0o120000 | 0o777 : 0o100000 | 0o444) |
      (node.writable ? 0o200 : 0);
    this.nlink = node.links;
    this.size = node.size;
    this.blocks = Math.ceil(node.size / 512);
    this.atimeMs = node.accessedMs;
    this.mtimeMs = node.modifiedMs;
    this.ctimeMs = node.changedMs;
    this.birthtimeMs = node.changedMs;
    this.atime = new Date(node.accessedMs);
    this.mtime = new Date(node.modifiedMs);
    this.ctime = new Date(node.changedMs);
    this.birthtime = new Date(node.changedMs);
  }

  isFile(): boolean {
    return (this.mode & 0o170000) === 0o100000;
  }
  isDirectory(): boolean {
    return (this.mode & 0o170000) === 0o040000;
  }
  isSymbolicLink(): boolean {
    return (this.mode & 0o170000) === 0o120000;
  }
  isFIFO(): boolean {
    return false;
  }
  isSocket(): boolean {
    return false;
  }
  isBlockDevice(): boolean {
    return false;
  }
  isCharacterDevice(): boolean {
    return false;
  }
}

export function tryStat(path: string, follow: boolean): NodeStat | undefined {
  const reply = fileOperation(FILE_OPERATION.stat, stringify([path, follow]) as string, undefined);
  return typeof reply === "string" && !startsWith(reply, "!") ? (parse(reply) as NodeStat) : undefined;
}

export function statOf(
  path: Path,
  follow: boolean,
  options: { readonly throwIfNoEntry?: boolean } | undefined,
): Stats | undefined {
  const name = pathOf(path);
  if (options?.throwIfNoEntry === false) {
    const found = tryStat(name, follow);
    return found === undefined ? undefined : new Stats(found);
  }
  return new Stats(stat(name, follow));
}
