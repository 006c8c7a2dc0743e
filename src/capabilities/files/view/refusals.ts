import type { Errno } from "../file-system.ts";

/** In place of an errno: the path leads to where nothing is mounted. The guest is told ENOENT. */
export const OUTSIDE = "outside every mount";

/** Operations that only look: programs probe where they do not mean to go. */
const LOOKS: ReadonlySet<string> = new Set(["stat", "readLink", "canonicalize"]);

/** Something that a guest asked of its files and was not allowed, counted once per kind. */
export interface FileDenial {
  /** "open", "removeFile" and so on: the method of the view. */
  readonly operation: string;
  /** As the guest wrote it. */
  readonly path: string;
  readonly error: "EROFS" | "EACCES" | "EPERM" | typeof OUTSIDE;
  readonly count: number;
}

/** More different denials than this are counted, not listed: a guest must not fill the host's memory with them. */
const MAX_LISTED = 100;

/** What a view refused since the last reset. */
export class Refusals {
  readonly #denials: Map<string, FileDenial> = new Map();
  #quota = 0;

  get denials(): readonly FileDenial[] {
    return [...this.#denials.values()];
  }

  /** How often a quota (bytes, entries, open files) was the reason. */
  get quota(): number {
    return this.#quota;
  }

  /** `outside`: the walk ended above the mounts. */
  note(operation: string, path: string, errno: Errno, outside = false): void {
    if (errno === "ENOSPC" || errno === "EFBIG" || errno === "EMFILE") this.#quota += 1;
    const error = errno === "ENOENT" && outside && !LOOKS.has(operation) ? OUTSIDE : errno;
    if (error !== "EROFS" && error !== "EACCES" && error !== "EPERM" && error !== OUTSIDE) return;
    const key = `${operation} ${error} ${path}`;
    const known = this.#denials.get(key);
    if (known === undefined && this.#denials.size >= MAX_LISTED) return;
    this.#denials.set(key, { operation, path, error, count: (known?.count ?? 0) + 1 });
  }

  reset(): void {
    this.#denials.clear();
    this.#quota = 0;
  }
}
