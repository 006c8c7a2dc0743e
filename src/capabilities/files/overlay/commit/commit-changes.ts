import type { FileChange } from "../../file-change.ts";
import { FileError } from "../../file-error.ts";
import type { DirectoryNode, Errno, FileNode, FileResult, FileSystemNode } from "../../file-system.ts";
import { CommitIncompleteError } from "./commit-error.ts";
import { childPath, splitPath } from "../lower-path.ts";
import type { ChangePlan, PlannedWrite } from "./plan-changes.ts";

/** How names of files begin that wait to be put in place. A guest never sees them. */
export const TEMPORARY_PREFIX = ".wardian-commit-";

/** Where a commit goes. `sync` of its handles returns when the bytes are on the disk. */
export interface CommitTarget {
  readonly root: DirectoryNode;
  /** Tells the temporary files of one commit from those of another. */
  readonly label: string;
  /** Temporary files that were last written before this time are those of a commit that died. Milliseconds since the epoch. */
  readonly staleBeforeMs?: number;
  /** Gives a new file what a new version of `replaced` must keep, such as its permissions. */
  readonly adopt?: (temporary: FileNode, replaced: FileNode) => FileResult<void>;
  /** Returns when the names in a directory are on the disk. Absent: they need no such care. */
  readonly syncDirectory?: (directory: DirectoryNode) => FileResult<void>;
}

/** Bytes that are copied at once. */
const PIECE_BYTES = 2 ** 20;

/**
 * Makes what lies below look like the overlay. All new content is written and synced to temporary files first, each
 * beside its place or in the nearest directory that stays; then each is renamed into place, which no crash can halve,
 * and the directories are synced, so that no failure of power undoes it. `verify` is called between the two.
 *
 * @throws FileError if the preparation fails: everything is as before then
 * @throws CommitIncompleteError if the second part fails
 */
export function commitChanges(plan: ChangePlan, target: CommitTarget, verify: () => void): void {
  const directories = new TargetDirectories(target.root);
  checkEmptied(plan, directories);
  const staged = new Staging(target, directories);
  try {
    for (const write of plan.writes) staged.write(write);
    verify();
  } catch (error) {
    staged.discard();
    throw error;
  }
  const written: FileChange[] = [];
  const unsynced = new Set<string>();
  const act = (change: FileChange, work: (directory: DirectoryNode, name: string) => FileResult<unknown>): void => {
    const { directory, name } = splitPath(change.path);
    const result = work(directories.at(directory), name);
    if (typeof result === "string") throw new FileError("commit", change.path, result as Errno);
    written.push(change);
    unsynced.add(directory);
    if (change.type === "directory" && change.kind === "removed") unsynced.delete(change.path);
  };
  const sync = (): void => {
    for (const path of unsynced) ok(path, target.syncDirectory?.(directories.at(path)) ?? true);
    unsynced.clear();
  };
  const remove = (change: FileChange): void =>
    act(change, (directory, name) =>
      change.type === "directory" ? directory.removeDirectory(name) : directory.removeFile(name),
    );
  try {
    for (const { change, blocking } of plan.removals) if (blocking) remove(change);
    for (const change of plan.directories) act(change, (directory, name) => directory.createDirectory(name));
    for (const { change } of plan.writes) act(change, (directory, name) => staged.place(change.path, directory, name));
    // Last, and when the rest is on the disk, so that what was moved is never nowhere.
    sync();
    for (const { change, blocking } of plan.removals) if (!blocking) remove(change);
    sync();
  } catch (error) {
    staged.discard();
    throw error instanceof Error ? new CommitIncompleteError(written, error) : error;
  }
}

/** A directory that goes away may hold what the guest could not see, such as hidden names: that is not thrown away. */
function checkEmptied(plan: ChangePlan, directories: TargetDirectories): void {
  const removed = new Set(plan.removals.map(({ change }) => change.path));
  for (const { change } of plan.removals) {
    if (change.type !== "directory") continue;
    const directory = directories.at(change.path);
    const kept = ok(change.path, directory.list()).some(({ name }) => !removed.has(childPath(change.path, name)));
    if (kept) throw new FileError("commit", change.path, "ENOTEMPTY", "it holds files that the guest could not see");
  }
}

/** The temporary files of one commit. */
class Staging {
  readonly #target: CommitTarget;
  readonly #directories: TargetDirectories;
  readonly #places: Map<string, { readonly directory: DirectoryNode; readonly name: string }> = new Map();
  readonly #swept: Set<string> = new Set();
  #made = 0;

  constructor(target: CommitTarget, directories: TargetDirectories) {
    this.#target = target;
    this.#directories = directories;
  }

  write({ change, source, stage }: PlannedWrite): void {
    const directory = this.#directories.at(stage);
    if (!this.#swept.has(stage)) sweep(directory, this.#target.staleBeforeMs);
    this.#swept.add(stage);
    const name = `${TEMPORARY_PREFIX}${this.#target.label}-${this.#made}`;
    this.#made += 1;
    const temporary = ok(change.path, directory.createFile(name));
    this.#places.set(change.path, { directory, name });
    ok(change.path, copy(source, temporary) ?? true);
    const replaced = change.kind === "modified" ? this.#directories.fileAt(change.path) : undefined;
    if (replaced !== undefined) ok(change.path, this.#target.adopt?.(temporary, replaced) ?? true);
  }

  place(path: string, directory: DirectoryNode, name: string): FileResult<void> {
    const from = this.#places.get(path);
    if (from === undefined) return "EIO";
    const result = from.directory.rename(from.name, directory, name);
    if (result === undefined) this.#places.delete(path);
    return result;
  }

  discard(): void {
    for (const { directory, name } of this.#places.values()) directory.removeFile(name);
    this.#places.clear();
  }
}

function copy(source: FileNode, target: FileNode): Errno | undefined {
  const from = source.open({ read: true, write: false, append: false, truncate: false });
  if (typeof from === "string") return from;
  const to = target.open({ read: false, write: true, append: false, truncate: false });
  if (typeof to === "string") {
    from.close();
    return to;
  }
  try {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let position = 0; ;) {
      const count = from.read(piece, position);
      if (typeof count === "string") return count;
      if (count === 0) return to.sync() ?? undefined;
      for (let done = 0; done < count;) {
        const wrote = to.write(piece.subarray(done, count), position + done);
        if (typeof wrote === "string") return wrote;
        if (wrote === 0) return "EIO";
        done += wrote;
      }
      position += count;
    }
  } finally {
    from.close();
    to.close();
  }
}

/** Takes away what commits left behind that were killed. */
function sweep(directory: DirectoryNode, staleBeforeMs: number | undefined): void {
  if (staleBeforeMs === undefined) return;
  const entries = directory.list();
  if (typeof entries === "string") return;
  for (const { name } of entries) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const node = directory.lookup(name);
    const stat = typeof node === "string" || node.kind !== "file" ? "ENOENT" : node.stat();
    if (typeof stat !== "string" && stat.modifiedMs < staleBeforeMs) directory.removeFile(name);
  }
}

/** The directories of the target by path, each looked up once: a guest may have made long chains of them. */
class TargetDirectories {
  readonly #known: Map<string, DirectoryNode>;

  constructor(root: DirectoryNode) {
    this.#known = new Map([["", root]]);
  }

  at(path: string): DirectoryNode {
    let at = path;
    const names: string[] = [];
    let directory = this.#known.get(at);
    while (directory === undefined) {
      const split = splitPath(at);
      names.push(split.name);
      at = split.directory;
      directory = this.#known.get(at);
    }
    for (const name of names.toReversed()) {
      const next: FileSystemNode = ok(path, directory.lookup(name));
      if (next.kind !== "directory") throw new FileError("commit", path, "ENOTDIR");
      at = childPath(at, name);
      this.#known.set(at, next);
      directory = next;
    }
    return directory;
  }

  fileAt(path: string): FileNode | undefined {
    const { directory, name } = splitPath(path);
    const node = this.at(directory).lookup(name);
    return typeof node === "object" && node.kind === "file" ? node : undefined;
  }
}

function ok<T>(path: string, result: FileResult<T>): Exclude<T, string> {
  if (typeof result === "string") throw new FileError("commit", path, result as Errno);
  return result as Exclude<T, string>;
}
