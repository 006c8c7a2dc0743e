/**
 * What an inode of an overlay stands over; inodes of a plain memory directory have none. Immutable: it is replaced, so
 * that an image of the tree keeps its own.
 */
export interface Origin {
  /** Where it lies in the lower file system, from its root: "sub/a.txt"; "" for the root itself. */
  readonly path: string;
  /** The inode number that the guest has seen before the change, so that it stays the same. */
  readonly number: number;
  readonly version: LowerVersion;
  /** Bytes, from the start of the file, that still come from there unless a chunk covers them. 0 for directories. */
  readonly limit: number;
}

/** Two equal versions are taken for the same content, as `make` and `rsync` do. */
export interface LowerVersion {
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
}
