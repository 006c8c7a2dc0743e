import type { NodeKind } from "./file-system.ts";

/**
 * The content of a file system as plain data, for snapshots and forks: objects, arrays, strings, numbers and
 * Uint8Arrays only. Bytes are shared, not copied: do not write to them.
 */
export interface FileSystemState {
  /** The root directory first; every other one is the entry of a directory. */
  readonly inodes: readonly InodeState[];
  /** The inode number that comes next. */
  readonly nextId: number;
  /** Overlays only: what the guest removed of the lower file system. */
  readonly removed?: readonly RemovedState[];
}

export type InodeState = InodeBaseState &
  (
    | { readonly kind: "file"; readonly size: number; readonly chunks: readonly ChunkState[] }
    | { readonly kind: "directory"; readonly entries: readonly (readonly [name: string, inode: number])[] }
    | { readonly kind: "symlink"; readonly target: string }
  );

interface InodeBaseState {
  readonly id: number;
  /** Milliseconds since the epoch; NaN for what was made before any sandbox gave a clock. */
  readonly accessedMs: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  /** Overlays only: what it stands over in the lower file system. */
  readonly origin?: OriginState;
}

/** Bytes from `index * 65_536` on, at most 65,536 of them. */
export interface ChunkState {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export interface OriginState {
  readonly path: string;
  readonly number: number;
  readonly version: VersionState;
  readonly limit: number;
}

export interface VersionState {
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface RemovedState {
  readonly path: string;
  readonly kind: NodeKind;
  readonly version: VersionState;
}
