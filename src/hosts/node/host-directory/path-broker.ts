import { type BigIntStats, constants, lstatSync, realpathSync } from "node:fs";
import path from "node:path";
import type { Broker, Location } from "./broker.ts";
import { ErrnoFailure } from "./errno-failure.ts";
import { identityOf, sameIdentity } from "./host-stat.ts";

/**
 * The broker where there is no `/proc` (macOS, Windows): works with paths and checks, before and after each act, that
 * every directory on the way is still the one that was found, by device and inode, and no symlink.
 *
 * This is weaker than descriptors: another process that swaps a directory for a symlink and back again between two
 * checks is not seen. Guests themselves can make no symlinks in a host directory, so they need such a helper outside.
 */
export class PathBroker implements Broker {
  readonly root: Location;
  /** Windows has no such flag: there only the checks around the opening help. */
  readonly openFlags: number = constants.O_NOFOLLOW ?? 0;
  readonly #rootPath: string;

  constructor(rootPath: string) {
    this.#rootPath = realpathSync(rootPath);
    this.root = { parent: undefined, name: "", identity: identityOf(lstatSync(this.#rootPath, { bigint: true })) };
  }

  look(directory: Location, name: string): { readonly location: Location; readonly stats: BigIntStats } {
    const stats = lstatSync(this.entryPath(directory, name), { bigint: true });
    this.confirm(directory);
    return { location: { parent: directory, name, identity: identityOf(stats) }, stats };
  }

  stats(location: Location): BigIntStats {
    this.confirm(location.parent ?? location);
    const stats = lstatSync(this.#path(location), { bigint: true });
    if (!sameIdentity(identityOf(stats), location.identity)) throw new ErrnoFailure("ENOENT");
    this.confirm(location.parent ?? location);
    return stats;
  }

  pathOf(location: Location): string {
    this.confirm(location);
    return this.#path(location);
  }

  entryPath(directory: Location, name: string): string {
    this.confirm(directory);
    return path.join(this.#path(directory), name);
  }

  confirm(location: Location): void {
    for (let at: Location | undefined = location; at !== undefined; at = at.parent) {
      const stats = lstatSync(this.#path(at), { bigint: true });
      if (!sameIdentity(identityOf(stats), at.identity)) throw new ErrnoFailure("ENOENT");
    }
  }

  settle(): void {
    // Nothing is held.
  }

  dispose(): void {
    // Nothing is held.
  }

  #path(location: Location): string {
    const names: string[] = [];
    for (let at = location; at.parent !== undefined; at = at.parent) names.push(at.name);
    return path.join(this.#rootPath, ...names.toReversed());
  }
}
