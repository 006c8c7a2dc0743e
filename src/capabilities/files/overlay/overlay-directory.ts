import type { FileChange } from "../file-change.ts";
import type { FileSystem } from "../file-system.ts";
import type { FileSystemState } from "../file-system-state.ts";
import { Overlay } from "./overlay.ts";

export interface OverlayDirectoryOptions {
  /** What shows through. It is never written to, but by `commit`. */
  readonly over: FileSystem;
  /** Bytes that the guest may write. Default 64 MiB. The guest sees ENOSPC (EFBIG if no file could be that long). */
  readonly maxBytes?: number;
  /**
   * Files and directories that the guest may make, change, move or remove, with the directories on the way to them.
   * Default 10,000. The guest sees ENOSPC.
   */
  readonly maxEntries?: number;
}

export interface CommitOptions {
  /** Write also over what changed below meanwhile. Default false. */
  readonly force?: boolean;
  /** What to do about symbolic links that the guest made or moved: "refuse" the whole commit (default) or "skip" them. */
  readonly symlinks?: "refuse" | "skip";
}

/** A directory that shows another one and keeps every change in memory. */
export interface OverlayDirectory extends FileSystem {
  readonly kind: "overlay";
  /** Bytes of the quota that are used. */
  readonly usedBytes: number;
  /**
   * What the guest changed, sorted by path. A file that was only opened, or whose times alone were set, is not in it.
   *
   * @throws FileError if what lies below cannot be read
   */
  diff(): readonly FileChange[];
  /**
   * Writes the changes to what lies below, drops them here and returns them. Files that the guest has open answer EBADF
   * from then on.
   *
   * Atomic by file: whenever the process dies, each path is as before or as in the overlay. The content of all new files
   * is on the disk before the first one is put in place. A replaced file keeps its permissions.
   *
   * @throws CommitConflictError if something that is to be replaced or removed is no longer what the guest saw
   * @throws FileError if a file cannot be written; nothing has changed then
   * @throws CommitIncompleteError if something fails after the first file was put in place
   */
  commit(options?: CommitOptions): readonly FileChange[];
  capture(): FileSystemState;
  restore(state: FileSystemState): void;
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
const DEFAULT_MAX_ENTRIES = 10_000;
/** Positions in a file must stay exact as numbers, with room for sums. */
const LARGEST_MAX_BYTES = 2 ** 40;

/**
 * Makes an overlay of a file system, with quotas, for the `files` option of a sandbox.
 *
 * `reset()` of a sandbox puts the changes back to what they were when the sandbox was created.
 *
 * @throws TypeError or RangeError if an option is wrong
 */
export function overlayDirectory(options: OverlayDirectoryOptions): OverlayDirectory {
  const over: unknown = typeof options === "object" && options !== null ? options.over : undefined;
  if (typeof over !== "object" || over === null || typeof (over as FileSystem).root !== "function") {
    throw new TypeError(`Cannot make an overlay: "over" must be a file system, such as memoryDirectory(…)`);
  }
  return new Overlay({ over: over as FileSystem, ...overlayQuotas(options) });
}

/** The quotas, checked and with their defaults. */
export function overlayQuotas(options: { readonly maxBytes?: number; readonly maxEntries?: number }): {
  readonly maxBytes: number;
  readonly maxEntries: number;
} {
  return {
    maxBytes: checkLimit("maxBytes", options.maxBytes ?? DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES),
    maxEntries: checkLimit("maxEntries", options.maxEntries ?? DEFAULT_MAX_ENTRIES, 2 ** 24),
  };
}

function checkLimit(name: string, value: number, largest: number): number {
  if (typeof value !== "number") throw new TypeError(`Cannot make an overlay: "${name}" must be a number`);
  if (Number.isSafeInteger(value) && value >= 0 && value <= largest) return value;
  throw new RangeError(`Cannot make an overlay: "${name}" must be an integer from 0 to ${largest}`);
}
