import type { FileChange } from "../file-change.ts";
import type { FileResult, FileStat, FileSystemNode, NodeKind } from "../file-system.ts";

/** More paths, or more text in them, are counted and not kept: a guest must not fill the host's memory with them. */
const MAX_PATHS = 10_000;
const MAX_CHARACTERS = 2 ** 21;
/** The most that one report lists; each takes a look at the file. */
export const MAX_LISTED_CHANGES = 1_000;

/** What a path led to. */
export interface Look {
  readonly type: NodeKind;
  readonly size: number;
}

interface Change {
  /** What was there before the first change. */
  readonly before: Look | undefined;
  now: NodeKind | undefined;
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
    const stat = node.kind === "directory" || this.#changes.has(path) ? undefined : node.stat();
    return { type: node.kind, size: typeof stat === "object" ? stat.size : 0 };
  }

  made(path: string, type: NodeKind): void {
    this.#is(path, undefined, type);
  }

  removed(path: string, before: Look): void {
    this.#is(path, before, undefined);
    this.#orphan(path);
  }

  written(path: string | undefined): void {
    if (path !== undefined) this.#is(path, { type: "file", size: 0 }, "file");
  }

  /** `replaced`: what had the new name before. */
  moved(from: string, to: string, moved: Look, replaced: Look | undefined): void {
    this.#is(from, moved, undefined);
    this.#is(to, replaced, moved.type);
    this.#orphan(to);
    for (const file of this.#open) if (file.path === from) file.path = to;
  }

  /** Follows an open file through renames; returns how to stop. */
  track(file: TrackedFile): () => void {
    this.#open.add(file);
    return () => this.#open.delete(file);
  }

  report(statOf: (path: string) => FileResult<FileStat>): ChangeReport {
    const changed = [...this.#changes].filter(([, { before, now }]) => before !== undefined || now !== undefined);
    changed.sort(([a], [b]) => (a < b ? -1 : 1));
    const listed = changed.slice(0, MAX_LISTED_CHANGES).map(([path, { before, now }]): FileChange => {
      if (now === undefined) return { path, kind: "removed", type: before?.type ?? "file", size: before?.size ?? 0 };
      const stat = now === "directory" ? "EISDIR" : statOf(path);
      const size = typeof stat === "string" ? 0 : stat.size;
      return { path, kind: before === undefined ? "added" : "modified", type: now, size };
    });
    return { changes: listed, omitted: this.#omitted + changed.length - listed.length };
  }

  reset(): void {
    this.#changes.clear();
    this.#characters = 0;
    this.#omitted = 0;
  }

  #orphan(path: string): void {
    for (const file of this.#open) if (file.path === path) file.path = undefined;
  }

  #is(path: string, before: Look | undefined, now: NodeKind | undefined): void {
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
