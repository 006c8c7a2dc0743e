import type { FileChange } from "../file-change.ts";
import type { FileSystemNode, NodeKind } from "../file-system.ts";

/** More paths, or more text in them, are counted and not kept: a guest must not fill the host's memory with them. */
const MAX_PATHS = 10_000;
const MAX_CHARACTERS = 2 ** 21;
/** The most that one report lists. */
export const MAX_LISTED_CHANGES = 1_000;

/** What a path leads to. */
export interface Look {
  readonly type: NodeKind;
  /** Bytes; 0 for directories. */
  readonly size: number;
}

interface Change {
  /** What was there before the first change. */
  readonly before: Look | undefined;
  now: Look | undefined;
}

export interface ChangeReport {
  /** Sorted by path. */
  readonly changes: readonly FileChange[];
  /** Changes that are not listed. */
  readonly omitted: number;
}

/** An open file, by the name that it has at the moment; undefined when it has none. */
export interface TrackedFile {
  path: string | undefined;
}

/** What guests changed, by canonical path. Made and removed again is no change. */
export class ChangeLog {
  readonly #changes: Map<string, Change> = new Map();
  readonly #open: Set<TrackedFile> = new Set();
  #characters = 0;
  #omitted = 0;

  /** Whether another path would not be kept. */
  get full(): boolean {
    return this.#changes.size >= MAX_PATHS || this.#characters >= MAX_CHARACTERS;
  }

  /** To be asked before a name is taken away, since afterwards nobody knows how long the file was. */
  look(path: string, node: FileSystemNode): Look {
    const known = this.#changes.get(path)?.now;
    if (known !== undefined) return known;
    const stat = node.kind === "directory" ? undefined : node.stat();
    return { type: node.kind, size: typeof stat === "object" ? stat.size : 0 };
  }

  made(path: string, now: Look): void {
    this.#is(path, undefined, now);
  }

  removed(path: string, before: Look): void {
    this.#is(path, before, undefined);
    this.#orphan(path);
  }

  resized(path: string | undefined, size: number): void {
    if (path !== undefined) this.#is(path, { type: "file", size: 0 }, { type: "file", size });
  }

  /** `end`: where the write ended, or undefined if it added to the end. `sizeNow` is asked if the log does not know. */
  wrote(path: string | undefined, count: number, end: number | undefined, sizeNow: () => number): void {
    if (path === undefined) return;
    const known = this.#changes.get(path)?.now?.size;
    if (known === undefined) this.resized(path, sizeNow());
    else this.resized(path, end === undefined ? known + count : Math.max(known, end));
  }

  /** `replaced`: what had the new name before. */
  moved(from: string, to: string, moved: Look, replaced: Look | undefined): void {
    this.#is(from, moved, undefined);
    this.#is(to, replaced, moved);
    this.#orphan(to);
    for (const file of this.#open) if (file.path === from) file.path = to;
  }

  /** Follows an open file through renames; returns how to stop. */
  track(file: TrackedFile): () => void {
    this.#open.add(file);
    return () => this.#open.delete(file);
  }

  /** Looks at nothing: what is not in the log is not told. */
  report(): ChangeReport {
    const changes: FileChange[] = [];
    for (const [path, { before, now }] of this.#changes) {
      if (now !== undefined) changes.push({ path, kind: before === undefined ? "added" : "modified", ...now });
      else if (before !== undefined) changes.push({ path, kind: "removed", ...before });
    }
    changes.sort((a, b) => (a.path < b.path ? -1 : 1));
    const listed = changes.slice(0, MAX_LISTED_CHANGES);
    return { changes: listed, omitted: this.#omitted + changes.length - listed.length };
  }

  reset(): void {
    this.#changes.clear();
    this.#characters = 0;
    this.#omitted = 0;
  }

  #orphan(path: string): void {
    for (const file of this.#open) if (file.path === path) file.path = undefined;
  }

  #is(path: string, before: Look | undefined, now: Look | undefined): void {
    const known = this.#changes.get(path);
    if (known !== undefined) {
      known.now = now;
    } else if (this.full) {
      this.#omitted += 1;
    } else {
      this.#changes.set(path, { before, now });
      this.#characters += path.length;
    }
  }
}
