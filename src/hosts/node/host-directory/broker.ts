import type { BigIntStats } from "node:fs";
import type { Identity } from "./host-stat.ts";

/** A file, directory or symlink by the way to it and what it was when it was found. The root has no parent. */
export interface Location {
  readonly parent: Location | undefined;
  readonly name: string;
  readonly identity: Identity;
}

/**
 * Turns locations into host paths that cannot lead elsewhere. The paths are for one system call right away; they are
 * not kept.
 *
 * Methods throw `ErrnoFailure` or the errors of `node:fs`.
 */
export interface Broker {
  readonly root: Location;
  /** Looks at one entry, without following it and without opening it for reading. */
  look(directory: Location, name: string): { readonly location: Location; readonly stats: BigIntStats };
  stats(location: Location): BigIntStats;
  /** Flags to open the result of {@link Broker.pathOf} with. */
  readonly openFlags: number;
  /** A path that stands for the location itself (not for symlinks). */
  pathOf(location: Location): string;
  /** A path that stands for an entry of the directory, which need not exist. */
  entryPath(directory: Location, name: string): string;
  /** Throws if a path that was handed out for `location` may have led elsewhere. */
  confirm(location: Location): void;
  settle(): void;
  dispose(): void;
}
