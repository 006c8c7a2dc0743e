import type { FileChange } from "../../file-change.ts";
import type { DirectoryNode, Errno, FileNode, FileResult, FileStat, FileSystemNode } from "../../file-system.ts";
import { childPath, splitPath } from "../lower-path.ts";
import { sameVersion, versionOf } from "../lower-version.ts";
import { OverlayDirectoryNode } from "../overlay-directory-node.ts";
import { OverlayNode } from "../overlay-node.ts";
import { OverlayFileNode } from "../overlay-leaf-nodes.ts";
import { isChanged, type OverlayTree } from "../overlay-tree.ts";

/** How what lies below becomes what the overlay shows. Paths are relative to the root of both. */
export interface ChangePlan {
  /** Sorted by path. */
  readonly changes: readonly FileChange[];
  /** What a directory holds comes before it. `blocking`: something of another type takes the place. */
  readonly removals: readonly { readonly change: FileChange; readonly blocking: boolean }[];
  /** To be made; outer ones first. */
  readonly directories: readonly FileChange[];
  readonly writes: readonly PlannedWrite[];
  /** Symlinks to be made. */
  readonly links: readonly FileChange[];
  /** What is below no longer as the overlay took it; sorted. */
  readonly conflicts: readonly string[];
}

export interface PlannedWrite {
  readonly change: FileChange;
  readonly source: FileNode;
  /** The nearest directory above that is there before and after. */
  readonly stage: string;
}

interface Pair {
  readonly path: string;
  /** In the overlay. */
  readonly now: FileSystemNode | undefined;
  /** Below. */
  readonly before: FileSystemNode | undefined;
  readonly stage: string;
  readonly blocking: boolean;
}

/**
 * Compares the overlay with what lies below, looking only where something was changed or moved.
 *
 * @throws PlanFailure if something below cannot be read
 */
export function planChanges(tree: OverlayTree, root: OverlayDirectoryNode): ChangePlan {
  return new Planner(tree).plan(root);
}

/** Carries the errno out of the walk. */
export class PlanFailure extends Error {
  readonly path: string;
  readonly errno: Errno;

  constructor(path: string, errno: Errno) {
    super(`${path}: ${errno}`);
    this.name = "PlanFailure";
    this.path = path;
    this.errno = errno;
  }
}

class Planner {
  readonly #tree: OverlayTree;
  readonly #removedBelow: Map<string, string[]> = new Map();
  readonly #removals: { change: FileChange; blocking: boolean }[] = [];
  readonly #directories: FileChange[] = [];
  readonly #writes: PlannedWrite[] = [];
  readonly #links: FileChange[] = [];
  readonly #conflicts: Set<string> = new Set();
  /** A work list, since a guest may have made directories deeper than the stack. */
  readonly #pending: Pair[] = [];

  constructor(tree: OverlayTree) {
    this.#tree = tree;
    for (const path of tree.removals.keys()) {
      const { directory, name } = splitPath(path);
      const names = this.#removedBelow.get(directory);
      if (names === undefined) this.#removedBelow.set(directory, [name]);
      else names.push(name);
    }
  }

  plan(root: OverlayDirectoryNode): ChangePlan {
    this.#pending.push({ path: "", now: root, before: need("", this.#tree.lowerAt("")), stage: "", blocking: false });
    for (let pair = this.#pending.pop(); pair !== undefined; pair = this.#pending.pop()) this.#compare(pair);
    const writes = this.#writes.map(({ change }) => change);
    const removals = this.#removals.toReversed();
    const all = [...removals.map(({ change }) => change), ...this.#directories, ...writes, ...this.#links];
    return {
      changes: all.sort((a, b) => compareText(a.path, b.path) || compareText(b.kind, a.kind)),
      removals,
      directories: this.#directories,
      writes: this.#writes,
      links: this.#links,
      conflicts: [...this.#conflicts].sort(compareText),
    };
  }

  #compare(pair: Pair): void {
    const { now, before } = pair;
    if (now === undefined || before === undefined) {
      if (before !== undefined) this.#remove(pair, before, pair.blocking);
      if (now !== undefined) this.#add(pair, now, "added");
    } else if (now.kind === "directory" && before.kind === "directory") {
      this.#descend(pair, now, before);
    } else if (now.kind === "directory" || before.kind === "directory") {
      this.#remove(pair, before, true);
      this.#add(pair, now, "added");
    } else if (!isInPlace(now, pair.path)) {
      this.#expectRemoved(pair.path, before);
      this.#add(pair, now, "modified");
    } else if (now instanceof OverlayFileNode) {
      const inode = now.inode();
      if (inode === undefined || !isChanged(inode)) return;
      if (before.kind !== "file") this.#conflicts.add(pair.path);
      this.#add(pair, now, "modified");
    }
  }

  /** Two directories of one path: what was touched if they are the same one, everything if not. */
  #descend(pair: Pair, now: DirectoryNode, before: DirectoryNode): void {
    const { path } = pair;
    const inPlace = isInPlace(now, path);
    const names = new Set<string>();
    if (inPlace && now instanceof OverlayDirectoryNode) {
      for (const name of now.inode()?.entries.keys() ?? []) names.add(name);
      for (const name of this.#removedBelow.get(path) ?? []) names.add(name);
    } else {
      for (const { name } of [...need(path, now.list()), ...need(path, before.list())]) names.add(name);
    }
    for (const name of names) this.#push(pair, name, now, before, inPlace ? path : pair.stage);
  }

  #push(
    pair: Pair,
    name: string,
    now: DirectoryNode | undefined,
    before: DirectoryNode | undefined,
    stage: string,
  ): void {
    const path = childPath(pair.path, name);
    this.#pending.push({
      path,
      now: now && found(path, now.lookup(name)),
      before: before && found(path, before.lookup(name)),
      stage,
      blocking: now === undefined && pair.blocking,
    });
  }

  #remove(pair: Pair, node: FileSystemNode, blocking: boolean): void {
    const { path } = pair;
    const { size } = statOf(path, node);
    this.#expectRemoved(path, node);
    this.#removals.push({
      change: { path, kind: "removed", type: node.kind, size: node.kind === "directory" ? 0 : size },
      blocking,
    });
    if (node.kind !== "directory") return;
    for (const { name } of need(path, node.list()))
      this.#push({ ...pair, blocking }, name, undefined, node, pair.stage);
  }

  #add(pair: Pair, node: FileSystemNode, kind: "added" | "modified"): void {
    const { path, stage } = pair;
    const change: FileChange = {
      path,
      kind,
      type: node.kind,
      size: node.kind === "directory" ? 0 : statOf(path, node).size,
    };
    if (node.kind === "file") {
      this.#expectOrigin(node);
      this.#writes.push({ change, source: node, stage });
    } else if (node.kind === "symlink") {
      this.#links.push(change);
    } else {
      this.#directories.push(change);
      for (const { name } of need(path, node.list())) this.#push(pair, name, node, undefined, stage);
    }
  }

  /** What is still to be read below must be what the overlay stood over. */
  #expectOrigin(node: FileNode): void {
    const origin = node instanceof OverlayFileNode ? node.inode()?.origin : undefined;
    if (origin === undefined) return;
    const below = this.#tree.lowerAt(origin.path);
    const stat = typeof below === "string" ? below : below.stat();
    if (typeof stat === "string" || !sameVersion(versionOf(stat), origin.version)) this.#conflicts.add(origin.path);
  }

  /** Something below goes away: it must be what the guest removed or moved, or what a moved directory takes along. */
  #expectRemoved(path: string, node: FileSystemNode): void {
    const removal = this.#tree.removals.get(path);
    if (removal === undefined) {
      if (!this.#isTakenAlong(path)) this.#conflicts.add(path);
    } else if (
      removal.kind !== node.kind ||
      (node.kind === "file" && !sameVersion(removal.version, versionOf(statOf(path, node))))
    ) {
      this.#conflicts.add(path);
    }
  }

  #isTakenAlong(path: string): boolean {
    for (let at = path; at !== "";) {
      at = splitPath(at).directory;
      const cover = this.#tree.coverOf(at);
      // In its own place it takes nothing along: then the path is new.
      if (cover !== undefined)
        return cover.kind === "directory" && this.#tree.isLive(cover) && this.#tree.isRemoved(at);
      if (this.#tree.isRemoved(at)) return false;
    }
    return false;
  }
}

function isInPlace(node: FileSystemNode, path: string): boolean {
  return node instanceof OverlayNode && node.lowerPath === path;
}

function found(path: string, node: FileResult<FileSystemNode>): FileSystemNode | undefined {
  return node === "ENOENT" ? undefined : need(path, node);
}

function statOf(path: string, node: FileSystemNode): FileStat {
  return need(path, node.stat());
}

function need<T extends object>(path: string, result: FileResult<T>): T {
  if (typeof result === "string") throw new PlanFailure(path, result);
  return result;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
